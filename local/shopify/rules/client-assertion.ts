import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { App, PastedKey, RuleContext, Shop } from "../state";
import type { AssertionFault } from "./oauth-errors";

/** RFC 7521, section 4.2. */
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const SECOND_MS = 1_000;
const LONGEST_LIFE_MS = { "five-minutes": 300 * SECOND_MS, "one-minute": 60 * SECOND_MS } as const;
const REVOKED_LAG_MS = { none: 0, "ten-minutes": 600 * SECOND_MS } as const;
/** How far two clocks may be apart. */
const LEEWAY_MS = 5 * SECOND_MS;

/** What a client assertion came to: the ID of the key that signed it, or why it is refused. */
export type AssertionVerdict =
  | { readonly keyId: string; readonly fault?: never }
  | { readonly keyId?: never; readonly fault: AssertionFault };

/** Pastes a public key into an app's settings; its `kid` is how assertions name it. */
export function pasteKey(
  context: RuleContext,
  app: App,
  jwk: Readonly<Record<string, unknown>>,
): { kid: string } {
  if ("d" in jwk) throw new Error("this is a private key");
  publicKeyOf(jwk);
  const kid = typeof jwk["kid"] === "string" ? jwk["kid"] : `key-${app.keys.length + 1}`;
  if (app.keys.some((key) => key.kid === kid)) throw new Error("the app has a key of this kid");
  const id = `${app.clientId}/keys/${kid}`;
  app.keys.push({ id, kid, jwk, createdAt: context.now });
  return { kid };
}

/** Judges a client assertion: whose key signed it, for whom, when, and whether it came before. */
export function judgeAssertion(
  context: RuleContext,
  of: { readonly app: App; readonly shop: Shop; readonly assertion: string },
): AssertionVerdict {
  const parts = partsOf(of.assertion);
  if (parts === undefined) return { fault: "claims" };
  const key = keyThatSigned(context, of.app, parts);
  if (key === undefined) return { fault: "key" };
  const fault = faultOf(context, of, parts.claims);
  return fault === undefined ? { keyId: key.id } : { fault };
}

interface Parts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

function partsOf(assertion: string): Parts | undefined {
  const [head = "", body = "", seal = "", ...rest] = assertion.split(".");
  const [header, claims] = [objectIn(head), objectIn(body)];
  if (header === undefined || claims === undefined || rest.length > 0) return undefined;
  const signed = Buffer.from(`${head}.${body}`);
  return { header, claims, signed, signature: Buffer.from(seal, "base64url") };
}

function objectIn(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined; // what is no JSON is no token
  }
}

function keyThatSigned(context: RuleContext, app: App, parts: Parts): PastedKey | undefined {
  const { kid, alg } = parts.header;
  if (context.switches.assertionKid === "named-key" && kid === undefined) return undefined;
  return app.keys
    .filter((key) => isLive(context, key) && (kid === undefined || kid === key.kid))
    .find((key) => isSignedBy(publicKeyOf(key.jwk), alg, parts));
}

function isLive({ now, switches }: RuleContext, { revokedAt }: PastedKey): boolean {
  return revokedAt === undefined || now < revokedAt + REVOKED_LAG_MS[switches.revokedKeyLag];
}

function publicKeyOf(jwk: PastedKey["jwk"]): KeyObject {
  const key = createPublicKey({ key: jwk as never, format: "jwk" });
  if (key.asymmetricKeyType !== "rsa") throw new Error("only RSA keys are taken");
  return key;
}

function isSignedBy(key: KeyObject, alg: unknown, { signed, signature }: Parts): boolean {
  if (alg === "RS256") return verify("sha256", signed, key, signature);
  if (alg !== "PS256") return false;
  const { RSA_PKCS1_PSS_PADDING: padding, RSA_PSS_SALTLEN_DIGEST: saltLength } = constants;
  return verify("sha256", signed, { key, padding, saltLength }, signature);
}

function faultOf(
  { now, switches }: RuleContext,
  { app, shop }: { readonly app: App; readonly shop: Shop },
  claims: Parts["claims"],
): AssertionFault | undefined {
  const { iss, sub, aud, dest, jti, iat, exp } = claims;
  const origin = `https://${shop.domain}`;
  if (iss !== app.clientId || sub !== app.clientId || typeof jti !== "string") return "claims";
  if (switches.assertionShop === "claimed" && dest !== origin) return "claims";
  if (typeof iat !== "number" || typeof exp !== "number") return "claims";
  const isShop = switches.assertionAudience === "shop";
  if (aud !== (isShop ? origin : `${origin}/admin/oauth/access_token`)) return "audience";
  const [from, until] = [iat * SECOND_MS, exp * SECOND_MS];
  if (now < from - LEEWAY_MS || now >= until + LEEWAY_MS) return "time";
  if (until - from > LONGEST_LIFE_MS[switches.assertionLife]) return "time";
  if (switches.assertionReplay === "refused" && app.presented.has(jti)) return "replay";
  app.presented.set(jti, until);
  return undefined;
}
