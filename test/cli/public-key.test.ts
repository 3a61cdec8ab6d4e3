import { generateKeyPairSync, sign } from "node:crypto";
import { compactVerify, importJWK, type JWK } from "jose";
import { SIGNING_KEYS_TAG } from "../../contract/names";
import { ago, DAY_MS, Operator } from "./arrange";

const ARN = (name: string) => `arn:aws:kms:us-east-1:000000000000:key/${name}`;
const first = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const second = generateKeyPairSync("rsa", { modulusLength: 2_048 });

async function operatorOfSigningApp(names: readonly string[]): Promise<Operator> {
  const operator = new Operator();
  const tag = names.map(ARN).join(" ");
  await operator.addAppSecret("catalog", { [SIGNING_KEYS_TAG]: tag });
  for (const [name, { publicKey }] of [
    ["first", first],
    ["second", second],
  ] as const) {
    const spki = publicKey.export({ format: "der", type: "spki" });
    operator.publicKeys.set(ARN(name), { spki, createdAt: ago(3 * DAY_MS) });
  }
  return operator;
}

describe("public-key", () => {
  test("prints the JWK by which jose takes what the private half signed, and where to paste it", async () => {
    const operator = await operatorOfSigningApp(["first"]);
    const { code, out, err } = await operator.type("public-key catalog --prefix shopify/prod");
    expect(code).toBe(0);
    const jwk = JSON.parse(out) as JWK;
    expect(Object.keys(jwk)).toEqual(["kty", "n", "e", "kid", "use", "alg"]);
    expect(jwk).toMatchObject({ kty: "RSA", kid: "first", use: "sig", alg: "RS256" });
    const head = Buffer.from('{"alg":"RS256"}').toString("base64url");
    const text = `${head}.${Buffer.from("hello").toString("base64url")}`;
    const seal = sign("sha256", Buffer.from(text), first.privateKey).toString("base64url");
    const { payload } = await compactVerify(`${text}.${seal}`, await importJWK(jwk));
    expect(Buffer.from(payload).toString()).toBe("hello");
    expect(err).toMatch(/^Paste it in the Dev Dashboard/);
  });

  test("prints every key of an app that changes its key, the one that signs first", async () => {
    const operator = await operatorOfSigningApp(["second", "first"]);
    const { out } = await operator.type("public-key catalog --json --prefix shopify/prod");
    const { app, keys } = JSON.parse(out) as { app: string; keys: Record<string, unknown>[] };
    expect(app).toBe("catalog");
    expect(keys.map(({ kid }) => kid)).toEqual(["second", "first"]);
    expect(keys[0]).toMatchObject({ key_arn: ARN("second"), created_at: "2026-10-30T12:00:00Z" });
    expect(out).not.toMatch(/"d"/);
    expect((await operator.type("public-key catalog --prefix shopify/prod")).err).toMatch(
      /each of the 2 keys/,
    );
  });

  test("prints nothing of a key of one's own that is no RSA key", async () => {
    const operator = await operatorOfSigningApp(["first"]);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const spki = publicKey.export({ format: "der", type: "spki" });
    operator.publicKeys.set(ARN("first"), { spki, createdAt: undefined });
    const { code, out, err } = await operator.type("public-key catalog --prefix shopify/prod");
    expect([code, out]).toEqual([3, ""]);
    expect(err).toMatch(
      /is of EC, and apps sign with RSA_3072\. Next: name another in .*signingKeys/,
    );
  });

  test.each([
    ["public-key", 2, /name one app/],
    ["public-key catalog acme", 2, /name one app/],
    ["public-key SHOUTING", 2, /no key of an app/],
    ["public-key nobody", 1, /there is no app nobody/],
    ["public-key plain", 1, /does not sign[\s\S]*credential to signing-key/],
  ])("%s: %d", async (words, code, says) => {
    const operator = await operatorOfSigningApp(["first"]);
    await operator.addAppSecret("plain");
    const refused = await operator.type(`${words} --prefix shopify/prod`);
    expect(refused.err).toMatch(says);
    expect(refused.out).toBe("");
    expect(refused.code === 0).toBe(false);
    expect(code).toBeGreaterThan(0);
  });
});
