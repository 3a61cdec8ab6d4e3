import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, SignJWT } from "jose";
import type { Switches } from "../../../local/shopify/switches";
import { type Arranged, answered, arrange, CLIENT_ID, jsonOf, SHOP, statusWith } from "./arrange";

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ENDPOINT = `https://${SHOP}/admin/oauth/access_token`;
const MINUTE = 60_000;

interface Pair {
  readonly kid: string;
  readonly jwk: Record<string, unknown>;
  readonly privateKey: KeyObject;
}

async function newPair(): Promise<Pair> {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const bare = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(bare);
  return { kid, jwk: { ...bare, kid, use: "sig", alg: "RS256" }, privateKey };
}

let first: Pair;
let second: Pair;
beforeAll(async () => {
  first = await newPair();
  second = await newPair();
});

interface Said {
  readonly alg?: string;
  readonly kid?: string | undefined;
  readonly aud?: string;
  readonly iss?: string;
  readonly jti?: string | undefined;
  readonly dest?: string;
  readonly ageMs?: number;
  readonly lifeMs?: number;
}

/** An assertion as jose writes it: nothing of ours has a hand in it. */
async function assertionBy(pair: Pair, world: Arranged, said: Said = {}): Promise<string> {
  const { alg = "RS256", aud = ENDPOINT, iss = CLIENT_ID, ageMs = 0, lifeMs = MINUTE } = said;
  const iat = Math.floor((world.now() - ageMs) / 1_000);
  const claims = said.dest === undefined ? {} : { dest: said.dest };
  const jwt = new SignJWT(claims)
    .setProtectedHeader({ alg, ...("kid" in said ? kidOf(said.kid) : { kid: pair.kid }) })
    .setIssuer(iss)
    .setSubject(iss)
    .setAudience(aud)
    .setIssuedAt(iat)
    .setExpirationTime(iat + lifeMs / 1_000);
  const named = "jti" in said ? said.jti : `jti-${Math.random()}`;
  return await (named === undefined ? jwt : jwt.setJti(named)).sign(pair.privateKey);
}

const kidOf = (kid: string | undefined) => (kid === undefined ? {} : { kid });

function present(world: Arranged, assertion: string, more: Record<string, string> = {}) {
  return world.send({
    method: "POST",
    host: SHOP,
    path: "/admin/oauth/access_token",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      client_id: CLIENT_ID,
      grant_type: "client_credentials",
      client_assertion_type: TYPE,
      client_assertion: assertion,
      ...more,
    }),
  });
}

function signing(switches: Partial<Switches> = {}): Arranged {
  const world = arrange({ switches });
  world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: first.jwk });
  return world;
}

/** What a refusal says; `granted`: it is none. */
async function wordsOf(world: Arranged, assertion: string): Promise<unknown> {
  const reply = await present(world, assertion);
  return answered(reply).status === 200 ? "granted" : jsonOf(reply)["error_description"];
}

describe("a client assertion", () => {
  test("gets 24 hours for a store of the own organization, and no refresh token", async () => {
    const world = signing();
    const reply = await present(world, await assertionBy(first, world));
    expect(jsonOf(reply)).toEqual({
      access_token: expect.stringMatching(/^shpat_/),
      scope: "write_products,read_orders",
      expires_in: 86_399,
    });
    expect(await statusWith(world, String(jsonOf(reply)["access_token"]))).toBe(200);
  });

  test("gets an hour for any store that installed a public app, and nothing before", async () => {
    const world = signing();
    const { control } = world.shopify;
    control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
    const reply = jsonOf(await present(world, await assertionBy(first, world)));
    expect(reply).toMatchObject({ expires_in: 3_600 });
    expect(reply).not.toHaveProperty("refresh_token");
    control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    const refusal = await present(world, await assertionBy(first, world));
    expect(jsonOf(refusal)["error"]).toBe("app_not_installed");
  });

  test("of an app that is not public gets nothing for another organization's store", async () => {
    const world = signing();
    world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
    const refusal = await present(world, await assertionBy(first, world));
    expect(jsonOf(refusal)["error"]).toBe("shop_not_permitted");
  });

  test("is taken of every key that is pasted and not revoked", async () => {
    const world = signing();
    const unknown = "The client assertion is not signed with a key of this application";
    expect(await wordsOf(world, await assertionBy(second, world))).toBe(unknown);
    world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: second.jwk });
    expect(await wordsOf(world, await assertionBy(second, world))).toBe("granted");
    expect(await wordsOf(world, await assertionBy(first, world))).toBe("granted");
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: first.kid });
    expect(await wordsOf(world, await assertionBy(first, world))).toBe(unknown);
    expect(await wordsOf(world, await assertionBy(second, world))).toBe("granted");
  });

  test("signed by one key under the name of another is nobody's", async () => {
    const world = signing();
    world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: second.jwk });
    const forged = await assertionBy(second, world, { kid: first.kid });
    expect(await wordsOf(world, forged)).toMatch(/not signed with a key/);
  });

  test.each<[string, Said, RegExp | string]>([
    ["RS256", {}, "granted"],
    ["PS256", { alg: "PS256" }, "granted"],
    ["another hash", { alg: "RS384" }, /not signed with a key/],
    ["no key's name", { kid: undefined }, "granted"],
    ["an unknown key's name", { kid: "nobody" }, /not signed with a key/],
    [
      "another audience",
      { aud: "https://other.myshopify.com/admin/oauth/access_token" },
      /audience/,
    ],
    ["another app", { iss: "somebody" }, /lacks a claim/],
    ["no jti", { jti: undefined }, /lacks a claim/],
    ["an end that is over", { ageMs: 2 * MINUTE }, /expired/],
    ["a beginning to come", { ageMs: -2 * MINUTE }, /expired or is not valid yet/],
    ["a few seconds of another clock", { ageMs: -3_000 }, "granted"],
    ["a life of an hour", { lifeMs: 60 * MINUTE }, /expired/],
  ])("with %s", async (_, said, words) => {
    const world = signing();
    const got = await wordsOf(world, await assertionBy(first, world, said));
    if (typeof words === "string") expect(got).toBe(words);
    else expect(got).toMatch(words);
  });

  test("is refused when it comes again", async () => {
    const world = signing();
    const assertion = await assertionBy(first, world);
    expect(await wordsOf(world, assertion)).toBe("granted");
    expect(await wordsOf(world, assertion)).toBe("The client assertion was already used");
  });

  test("cut, or of an app that signs nothing, is refused", async () => {
    const world = signing();
    const assertion = await assertionBy(first, world);
    expect(await wordsOf(world, assertion.slice(0, -8))).toMatch(/not signed/);
    expect(await wordsOf(world, "no.token")).toMatch(/lacks a claim/);
    expect(await wordsOf(arrange(), await assertionBy(first, world))).toMatch(/not signed/);
  });

  test("does not make room for a private key among the pasted", () => {
    const world = arrange();
    const jwk = { ...first.privateKey.export({ format: "jwk" }) };
    expect(() => world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk })).toThrow("private");
    world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: first.jwk });
    expect(() => world.shopify.control.pasteKey({ clientId: CLIENT_ID, jwk: first.jwk })).toThrow(
      "of this kid",
    );
  });
});

describe("what is not published about client assertions", () => {
  test.each<[Partial<Switches>, Said, RegExp | string]>([
    [{ assertionAudience: "shop" }, {}, /audience/],
    [{ assertionAudience: "shop" }, { aud: `https://${SHOP}` }, "granted"],
    [{ assertionShop: "claimed" }, {}, /lacks a claim/],
    [{ assertionShop: "claimed" }, { dest: `https://${SHOP}` }, "granted"],
    [{ assertionKid: "named-key" }, {}, "granted"],
    [{ assertionKid: "named-key" }, { kid: undefined }, /not signed/],
    [{ assertionLife: "one-minute" }, {}, "granted"],
    [{ assertionLife: "one-minute" }, { lifeMs: 2 * MINUTE }, /expired/],
    [{ assertionRefusal: "401-without-words" }, { aud: "x" }, ""],
  ])("%j with %j", async (switches, said, words) => {
    const world = signing(switches);
    const got = await wordsOf(world, await assertionBy(first, world, said));
    if (typeof words === "string") expect(got).toBe(words);
    else expect(got).toMatch(words);
  });

  test.each([
    ["401-invalid-client", 401, "invalid_client"],
    ["400-invalid-grant", 400, "invalid_grant"],
    ["401-without-words", 401, "invalid_client"],
  ] as const)("a refusal is %s", async (assertionRefusal, status, error) => {
    const world = signing({ assertionRefusal });
    const reply = await present(world, await assertionBy(second, world));
    expect(answered(reply).status).toBe(status);
    expect(jsonOf(reply)["error"]).toBe(error);
  });

  test("by the other section of the RFC it comes as the grant itself", async () => {
    const world = signing({ assertionGrant: "jwt-bearer" });
    const assertion = await assertionBy(first, world);
    expect(answered(await present(world, assertion)).status).toBe(400);
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    expect(answered(await present(world, assertion, { grant_type, assertion })).status).toBe(200);
  });

  test("the same assertion may be granted again", async () => {
    const world = signing({ assertionReplay: "granted" });
    const assertion = await assertionBy(first, world);
    expect(await wordsOf(world, assertion)).toBe("granted");
    expect(await wordsOf(world, assertion)).toBe("granted");
  });

  test.each([
    ["none", 0, /not signed/],
    ["ten-minutes", 9 * MINUTE, "granted"],
    ["ten-minutes", 10 * MINUTE, /not signed/],
  ] as const)("a revoked key signs on for %s: after %d ms", async (revokedKeyLag, ms, words) => {
    const world = signing({ revokedKeyLag });
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: first.kid });
    world.advance(ms);
    const got = await wordsOf(world, await assertionBy(first, world));
    if (typeof words === "string") expect(got).toBe(words);
    else expect(got).toMatch(words);
  });

  test.each([
    ["tokens-live-on", 200],
    ["tokens-die", 401],
  ] as const)("of a revoked key the %s: %d", async (revokedKey, status) => {
    const world = signing({ revokedKey });
    const { access_token } = jsonOf(await present(world, await assertionBy(first, world)));
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: first.kid });
    expect(await statusWith(world, String(access_token))).toBe(status);
  });

  test.each([
    ["granted", "own", 200],
    ["refused", "own", 400],
    ["granted", "another", 400],
  ] as const)(
    "the client secret of an app that signs is %s for a store of its %s organization: %d",
    async (clientSecretOfSigningApp, whose, status) => {
      const world = signing({ clientSecretOfSigningApp });
      if (whose === "another") {
        world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
        world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
      }
      const reply = await present(world, "", {
        client_secret: "shpss_first",
        client_assertion_type: "",
      });
      expect(answered(reply).status).toBe(status);
    },
  );
});
