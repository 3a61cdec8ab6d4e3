import { pastedSays, readPasted, type WantedSecret } from "../../contract/pasted-secret";
import type { Sealed } from "../../contract/sealed";
import type { ConfigNode } from "./node";

/** A client secret of config; what is not one alone is refused by name. */
export function parseClientSecret(node: ConfigNode): Sealed<string> | undefined {
  return parsePasted(node, "client secret");
}

/** A static access token of config; what is not one alone is refused by name. */
export function parseAccessToken(node: ConfigNode): Sealed<string> | undefined {
  return parsePasted(node, "access token");
}

/** What is said of a secret that stands among plain config: where it belongs, and what becomes of it. */
export function plainSecretBelongs(to: ConfigNode): string {
  return `stands in plain text: it is no secret any more, so replace it at Shopify, take this out, then pulumi config set --secret --path '${to.path}'`;
}

function parsePasted(node: ConfigNode, wanted: WantedSecret): Sealed<string> | undefined {
  const text = node.secretText();
  if (text === undefined) return undefined;
  const reading = readPasted(text, wanted);
  return "secret" in reading ? reading.secret : node.report(pastedSays(reading.fault, wanted));
}
