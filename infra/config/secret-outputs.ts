import * as pulumi from "@pulumi/pulumi";
import { isKind, kindFactsOf } from "../../contract/kinds";
import { ConfigNode, isMap, type Problem } from "./node";
import { SECRET_KEYS } from "./plain-secrets";

/** What is declared, with keys of config. */
export type Declaring = Readonly<Record<string, unknown>>;

/**
 * Gives each app and store its own secret where a program gives outputs: for one of them, or for all in one map, as
 * `requireSecretObject` does. Only the secrets may be outputs, because all else decides which resources there are.
 */
export function spreadSecretOutputs(config: Declaring): {
  readonly config: Declaring;
  readonly problems: readonly Problem[];
} {
  const spread = Object.fromEntries(
    SECRET_KEYS.flatMap((key) =>
      config[key] === undefined ? [] : [[key, spreadIn(config[key], holdersOf(key, config))]],
    ),
  );
  const { clientSecrets: _, previousClientSecrets: __, accessTokens: ___, ...plain } = config;
  const problems: Problem[] = [];
  reportOutputs(new ConfigNode("shopify-secrets:", plain, problems));
  return { config: { ...config, ...spread }, problems };
}

function spreadIn(given: unknown, holders: readonly string[]): unknown {
  if (isLater(given)) {
    const all = pulumi.output(given as pulumi.Input<Declaring | undefined>);
    return Object.fromEntries(holders.map((key) => [key, memberOf(all, key)]));
  }
  if (!isMap(given)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, one]) => [key, isLater(one) ? pulumi.output(one) : one]),
  );
}

function memberOf(all: pulumi.Output<Declaring | undefined>, key: string) {
  return pulumi
    .secret(all)
    .apply((map) => (map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined));
}

/** Who may have a secret of that name: every app, or the stores whose kind takes a token. */
function holdersOf(key: (typeof SECRET_KEYS)[number], config: Declaring): string[] {
  const declared = config[key === "accessTokens" ? "stores" : "apps"];
  const holders = Object.entries(isMap(declared) ? declared : {});
  return holders
    .filter(([, holder]) => key !== "accessTokens" || takesToken(holder))
    .map(([name]) => name);
}

function takesToken(store: unknown): boolean {
  const kind = isMap(store) ? store["kind"] : undefined;
  return typeof kind === "string" && isKind(kind) && kindFactsOf({ kind }).tokenInConfig;
}

function isLater(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

const OUTPUT_SAYS =
  "is an output, and config is read before anything is deployed: give the value itself";

function reportOutputs(node: ConfigNode): void {
  if (isLater(node.value)) node.report(OUTPUT_SAYS);
  else if (Array.isArray(node.value)) for (const item of node.items()) reportOutputs(item);
  else if (isPlain(node.value)) for (const [, child] of node.entries()) reportOutputs(child);
}

/** No object of a class, such as a resource, which may hold itself. */
function isPlain(value: unknown): boolean {
  return isMap(value) && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
