import { KIND_FACTS, type Kind } from "../../contract/kinds";
import type { StoreOrigin } from "../../contract/names";
import { parseFleet } from "../../infra/config/parse-fleet";
import { reading } from "../infra/config/at";

/** The verbs and options of the engine that messages print, and how many words follow. */
const VERBS: Readonly<
  Record<string, { readonly options: readonly string[]; readonly words: number }>
> = {
  preview: { options: [], words: 0 },
  up: { options: ["--continue-on-error", "--refresh"], words: 0 },
  "config set": { options: ["--path", "--secret"], words: 1 },
  "stack output": { options: ["--json"], words: 1 },
  "config rm": { options: ["--path"], words: 1 },
};

/** A store that config declares, unless it comes from elsewhere. */
interface Of {
  readonly kind: Kind;
  readonly origin?: StoreOrigin;
}

/** Why the engine, or our reading of its config, does not take a command; undefined: it does. */
export function pulumiObjection(words: readonly string[], of: Of): string | undefined {
  const verb = Object.keys(VERBS).find((name) => `${words.join(" ")} `.startsWith(`${name} `));
  const shown = `pulumi ${words.join(" ")}`;
  if (verb === undefined) return `${shown}: no such verb is printed`;
  const rest = words.slice(verb.split(" ").length);
  const unknown = rest.find((word) => word.startsWith("-") && !VERBS[verb]?.options.includes(word));
  if (unknown !== undefined) return `${shown}: ${unknown} was not tried`;
  const own = rest.filter((word) => !word.startsWith("-"));
  if (own.length !== VERBS[verb]?.words) return `${shown}: ${own.length} words`;
  return verb === "config set" ? configObjection(own[0] ?? "", of) : undefined;
}

const VALUES: Readonly<Record<string, string>> = {
  clientSecrets: "shpss_0123456789abcdef",
  accessTokens: "shpat_0123456789abcdef",
};

/** Sets the path in a config that declares a store of the kind, where config does, and reads it. */
function configObjection(path: string, { kind, origin }: Of): string | undefined {
  const [, head = "", name = ""] = /^shopify-secrets:(\w+)\.([\w-]+)$/.exec(path) ?? [];
  const value = VALUES[head];
  if (value === undefined) return `pulumi config set ${path}: no such path is printed`;
  const hasApp = KIND_FACTS[kind].app === "required" || kind === "offline";
  const config = {
    apps: { fulfilment: { clientId: "client-id" } },
    clientSecrets: { fulfilment: "shpss_0123456789abcdef" },
    stores: {
      ...(origin === undefined && {
        acme: { kind, shop: "acme.myshopify.com", ...(hasApp ? { app: "fulfilment" } : {}) },
      }),
    },
    accessTokens: {},
  };
  const { problems } = parseFleet(
    { ...config, [head]: { ...(config[head as keyof typeof config] as object), [name]: value } },
    reading("shopify/test"),
  );
  return problems.length === 0 ? undefined : `${path} ${problems.map(({ says }) => says).join()}`;
}
