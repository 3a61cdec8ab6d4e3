import { Sealed } from "../../contract/sealed";
import type { ConfigNode } from "./node";

const PRINTABLE = /^[\x21-\x7e]+$/;
const CLIENT_SECRET = /^shpss_/;
const ACCESS_TOKEN = /^shp(?:at|ca|pa|ua)_/;
const REFRESH_TOKEN = /^shprt_/;

/** A client secret of config; what looks like a token is refused by name. */
export function parseClientSecret(node: ConfigNode): Sealed<string> | undefined {
  return parseSealed(node, (text) =>
    ACCESS_TOKEN.test(text) || REFRESH_TOKEN.test(text)
      ? "holds a token, and a client secret belongs here: copy it from the app's settings"
      : undefined,
  );
}

/** A static access token of config; what looks like a client secret or a refresh token is refused by name. */
export function parseAccessToken(node: ConfigNode): Sealed<string> | undefined {
  return parseSealed(node, (text) => {
    if (CLIENT_SECRET.test(text)) {
      return "holds a client secret (shpss_), and an access token belongs here: install the app and copy its Admin API access token";
    }
    return REFRESH_TOKEN.test(text)
      ? "holds a refresh token (shprt_), and an access token belongs here"
      : undefined;
  });
}

/** What is said of a secret that stands among plain config: where it belongs, and what becomes of it. */
export function plainSecretBelongs(to: ConfigNode): string {
  return `stands in plain text: it is no secret any more, so replace it at Shopify, take this out, then pulumi config set --secret --path '${to.path}'`;
}

function parseSealed(
  node: ConfigNode,
  objectionTo: (text: string) => string | undefined,
): Sealed<string> | undefined {
  const text = node.secretText();
  if (text === undefined) return undefined;
  if (!PRINTABLE.test(text)) {
    return node.report("holds white space or a character outside ASCII: copy it once more");
  }
  const objection = objectionTo(text);
  return objection === undefined ? Sealed.of(text) : node.report(objection);
}
