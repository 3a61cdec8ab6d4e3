import { createHmac, timingSafeEqual } from "node:crypto";
import { type App, liveSecretsOf, type RuleContext } from "../state";

const LIFE_SECONDS = 60;

/** The signed JWT that the admin hands to an embedded app; it lives one minute. */
export function mintSessionToken(
  context: RuleContext,
  of: { app: App; shop: string; secret: string },
): string {
  const issuedAt = Math.floor(context.now / 1_000);
  const payload = {
    iss: `https://${of.shop}/admin`,
    dest: `https://${of.shop}`,
    aud: of.app.clientId,
    sub: "1",
    exp: issuedAt + LIFE_SECONDS,
    nbf: issuedAt,
    iat: issuedAt,
    jti: context.randomness.uuid(),
    sid: context.randomness.hex(16),
  };
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(payload)}`;
  return `${signed}.${sign(signed, of.secret)}`;
}

/** Checks signature (any live client secret), audience, shop and lifetime. */
export function verifySessionToken(
  context: RuleContext,
  of: { app: App; shop: string; token: string },
): boolean {
  const [header = "", payload = "", signature = ""] = of.token.split(".");
  const signed = `${header}.${payload}`;
  if (!liveSecretsOf(of.app).some(({ value }) => isEqual(sign(signed, value), signature)))
    return false;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Record<
    string,
    unknown
  >;
  const nowSeconds = context.now / 1_000;
  return (
    claims["aud"] === of.app.clientId &&
    claims["dest"] === `https://${of.shop}` &&
    Number(claims["nbf"]) <= nowSeconds &&
    nowSeconds < Number(claims["exp"])
  );
}

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

function sign(text: string, secret: string): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function isEqual(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}
