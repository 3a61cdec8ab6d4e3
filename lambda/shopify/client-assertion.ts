import { randomUUID } from "node:crypto";
import { type KeyArn, keyIdOf, type ShopDomain } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { AssertionSigner } from "../cipher/assertion-signer";
import { TOKEN_PATH } from "./token-request";

/** RFC 7521, section 4.2. */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** From `iat` to `exp`: as long as one request may be on its way, and as little as anybody may ask for. */
const LIFE_SECONDS = 60;
/** How far the clock of whoever reads it may be behind ours. */
const BEHIND_SECONDS = 10;

/** Who says it, to which store, signed by which key. */
export interface Assertion {
  readonly clientId: string;
  readonly shop: ShopDomain;
  readonly keyArn: KeyArn;
}

/**
 * Signs a client assertion (RFC 7523, section 3), good for one request.
 *
 * `iss` and `sub` are the client ID, `aud` is the store's token endpoint, `kid` the key's ID, as in the JWK that
 * `shopify-secrets public-key` prints. What Shopify asks for is not published: docs/assumptions.md, "apps that sign".
 */
export async function signAssertion(
  { clientId, shop, keyArn }: Assertion,
  signer: AssertionSigner,
  now: EpochMs,
): Promise<Sealed<string>> {
  const iat = Math.floor(now / SECOND_MS) - BEHIND_SECONDS;
  const origin = `https://${shop}`;
  const header = { alg: "RS256", typ: "JWT", kid: keyIdOf(keyArn) };
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: `${origin}${TOKEN_PATH}`,
    dest: origin,
    jti: randomUUID(),
    iat,
    exp: iat + LIFE_SECONDS,
  };
  const text = `${encoded(header)}.${encoded(claims)}`;
  const signature = await signer.sign(keyArn, text);
  return Sealed.of(`${text}.${Buffer.from(signature).toString("base64url")}`);
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
