import * as pulumi from "@pulumi/pulumi";
import { pastedSays, readPasted, type WantedSecret } from "../../contract/pasted-secret";
import type { Sealed } from "../../contract/sealed";
import { ConfigNode, type Problem } from "./node";
import { refuse } from "./refuse";

/** A secret as it is given: known now, or an output of a program, checked once it is known. */
export type GivenSecret = Sealed<string> | pulumi.Output<string>;

/** The client secret of an app; what is not one alone is refused by name, and so is the app's client ID. */
export function parseClientSecret(
  node: ConfigNode,
  app: { readonly clientId: string | undefined; readonly isRequired: boolean },
): GivenSecret | undefined {
  return parsePasted(node, { ...wantedClientSecret(app.clientId), isRequired: app.isRequired });
}

/** What the client secret of an app has to be. */
export function wantedClientSecret(clientId: string | undefined): Wanted {
  const look = (found: Sealed<string>) =>
    found.unseal() === clientId
      ? "is the client ID: the client secret stands beside it in the settings"
      : undefined;
  return { wanted: "client secret", isRequired: true, look };
}

/** The client secret before; an output may turn out to hold none. */
export function parsePreviousClientSecret(node: ConfigNode): GivenSecret | undefined {
  return parsePasted(node, { wanted: "client secret" });
}

/** A static access token of config; what is not one alone is refused by name. */
export function parseAccessToken(node: ConfigNode): GivenSecret | undefined {
  return parsePasted(node, { wanted: "access token" });
}

/** What is said of a secret that stands among plain config: where it belongs, and what becomes of it. */
export function plainSecretBelongs(to: ConfigNode): string {
  return `stands in plain text: it is no secret any more, so replace it at Shopify, take this out, then pulumi config set --secret --path '${to.path}'`;
}

/** What is asked of a secret. */
export interface Wanted {
  readonly wanted: WantedSecret;
  /** Whether an output that turns out to hold none is a problem. */
  readonly isRequired?: boolean;
  /** What is wrong with a secret that is one; undefined: nothing. */
  readonly look?: (found: Sealed<string>) => string | undefined;
}

function parsePasted(node: ConfigNode, what: Wanted): GivenSecret | undefined {
  return pulumi.Output.isInstance(node.value)
    ? pastedLater(node, node.value, what)
    : pastedNow(node, what);
}

function pastedNow(node: ConfigNode, { wanted, look }: Wanted): Sealed<string> | undefined {
  const text = node.secretText();
  if (text === undefined) return undefined;
  const reading = readPasted(text, wanted);
  if (!("secret" in reading)) return node.report(pastedSays(reading.fault, wanted));
  const wrong = look?.(reading.secret);
  return wrong === undefined ? reading.secret : node.report(wrong);
}

/** The same once it is known: an output cannot be looked at before the resources that it is for are asked for. */
function pastedLater(
  node: ConfigNode,
  output: pulumi.Input<unknown>,
  what: Wanted,
): pulumi.Output<string> {
  return pulumi
    .secret(output as pulumi.Input<string | undefined>)
    .apply((value) => secretOnceKnown(node, value, what));
}

/**
 * The secret that an output turned out to hold; an empty text where it may hold none.
 *
 * @throws {pulumi.RunError} what is wrong with it, by its path
 */
export function secretOnceKnown({ path, words }: ConfigNode, value: unknown, what: Wanted): string {
  const problems: Problem[] = [];
  const node = new ConfigNode(path, value, problems);
  if (node.isAbsent && what.isRequired) node.report("is missing");
  const found = pastedNow(node, what);
  refuse(problems, words, "something may have been touched");
  return found?.unseal() ?? "";
}
