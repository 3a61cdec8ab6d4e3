import { generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import type { KeyArn, ShopDomain } from "../../contract/brands";
import { Sealed } from "../../contract/sealed";
import { SECOND_MS, systemClock } from "../../contract/time";
import { ASSERTION_TYPE, signAssertion } from "../../lambda/shopify/client-assertion";
import type { RequestFields } from "../../lambda/shopify/exchange";
import { TOKEN_PATH } from "../../lambda/shopify/token-request";

/** A key of this run alone, as Shopify's tutorial makes one: its private half is in this process's memory and nowhere else. */
export interface ProbeKey {
  readonly kid: string;
  /** What is pasted. */
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly privateKey: KeyObject;
}

export function makeProbeKey(): ProbeKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 3_072 });
  const kid = `smoke-${randomUUID()}`;
  const { kty, n, e } = publicKey.export({ format: "jwk" });
  return { kid, jwk: { kty, n, e, kid, use: "sig", alg: "RS256" }, privateKey };
}

/** Whose assertion it is. */
export interface Signing {
  readonly clientId: string;
  readonly shop: ShopDomain;
  readonly key: ProbeKey;
}

/** The assertion as the functions sign it, each time a new one. */
export async function asTheFunctionsSign({ clientId, shop, key }: Signing): Promise<RequestFields> {
  const signer = {
    sign: async (_: KeyArn, text: string) => sign("sha256", Buffer.from(text), key.privateKey),
    under: () => signer,
  };
  // An ARN ends with the key's ID, which is the `kid`.
  const keyArn = `arn:aws:kms:us-east-1:000000000000:key/${key.kid}` as KeyArn;
  const assertion = await signAssertion({ clientId, shop, keyArn }, signer, systemClock.now());
  return presented(clientId, assertion);
}

/** How an assertion differs from the functions' own. */
export interface Difference {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Of `iat`, from now. Default: ten seconds ago. */
  readonly issuedInSeconds?: number;
  /** From `iat` to `exp`. Default: a minute. */
  readonly lifeSeconds?: number;
  /** Default: `client-assertion`. */
  readonly as?: "client-assertion" | "jwt-bearer";
}

/** An assertion that differs from the functions' own; a claim or member that is undefined is left out. */
export function signedWith({ clientId, shop, key }: Signing, differs: Difference): RequestFields {
  const { issuedInSeconds = -10, lifeSeconds = 60 } = differs;
  const iat = Math.floor(systemClock.now() / SECOND_MS) + issuedInSeconds;
  const origin = `https://${shop}`;
  const header = { alg: "RS256", typ: "JWT", kid: key.kid, ...differs.header };
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: `${origin}${TOKEN_PATH}`,
    dest: origin,
    jti: randomUUID(),
    iat,
    exp: iat + lifeSeconds,
    ...differs.claims,
  };
  const text = `${encoded(header)}.${encoded(claims)}`;
  const seal = sign("sha256", Buffer.from(text), key.privateKey).toString("base64url");
  const assertion = Sealed.of(`${text}.${seal}`);
  if (differs.as !== "jwt-bearer") return presented(clientId, assertion);
  const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  return { client_id: clientId, grant_type, assertion };
}

function presented(clientId: string, assertion: Sealed<string>): RequestFields {
  return {
    client_id: clientId,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: assertion,
    grant_type: "client_credentials",
  };
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
