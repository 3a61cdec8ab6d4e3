import { CREDENTIALS, type Credential, isCredential } from "../../contract/app";
import { isAppKey, isKeyArn } from "../../contract/brands";
import { looksSecret } from "../../contract/secret-look";
import { type ConfigNode, didYouMean } from "./node";

/** The key of an app that signs and names none. */
const ONLY_KEY = "first";
/** The current one and the next: Shopify takes several, and a change needs two. */
const MOST_KEYS = 2;

/** How an app gets tokens for its stores; undefined: with its client secret. */
export function parseCredential(node: ConfigNode): Credential | undefined {
  const text = node.text();
  if (text === undefined || isCredential(text)) return text;
  return node.report(`must be one of ${CREDENTIALS.join(", ")}${didYouMean(text, CREDENTIALS)}`);
}

/** The keys that sign for an app, in the order in which they are tried; one of its own where config names none. */
export function parseSigningKeys(app: ConfigNode, signs: boolean): string[] {
  const node = app.child("signingKeys");
  if (!signs) {
    if (!node.isAbsent) {
      node.report(
        `belongs to an app that signs: set ${app.path}.credential to signing-key, or remove this`,
      );
    }
    return [];
  }
  if (app.child("distribution").isAbsent) {
    app
      .child("distribution")
      .report(
        "is missing: it decides how long a token lives that the app signs for: own-organization, or public",
      );
  }
  if (node.isAbsent) return [ONLY_KEY];
  const keys = node.items().flatMap((item) => parseKey(item) ?? []);
  if (keys.length === 0 && node.items().length === 0)
    node.report("must name a key, or be left out");
  if (keys.length > MOST_KEYS)
    node.report("holds more than two keys: the one that signs, and the next");
  if (new Set(keys).size < keys.length) node.report("names a key twice");
  return keys;
}

function parseKey(node: ConfigNode): string | undefined {
  const text = node.text();
  if (text === undefined) return node.isAbsent ? node.report("must not be empty") : undefined;
  if (isKeyArn(text) || (isAppKey(text) && !looksSecret(text))) return text;
  return node.report(
    "must be a name of your own (lower-case letters, digits and inner hyphens), or the full ARN of a KMS key of RSA_3072 that signs",
  );
}
