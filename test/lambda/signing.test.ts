import { importJWK, type JWK, jwtVerify } from "jose";
import { epochMs } from "../../contract/time";
import { enrol } from "../../lambda/enrol/enrol";
import { openRequest } from "../../lambda/shopify/exchange";
import type { Switches } from "../../local/shopify/switches";
import { signingKeyPair } from "../simulation/aws/kms";
import { APP, CLIENT_ID, FIRST_SECRET, HOUR, MINUTE } from "../simulation/stage";
import { FleetStand, type FleetStore } from "./stand/fleet-stand";
import {
  conditionIn,
  enableKeys,
  enrolled,
  enrolledAs,
  FIRST,
  OWN,
  PUBLIC,
  paste,
  SECOND,
  SHOP,
  STORE,
  signingStore,
  watchAssertions,
} from "./stand/signing-store";
import { StoreStand } from "./stand/store-stand";

afterEach(enableKeys);

describe("the assertion", () => {
  test("is what jose takes: RS256 by the key that its kid names, for one store and one minute", async () => {
    const world = await signingStore(OWN);
    paste(world);
    const [assertion = ""] = await (async () => {
      const seen = watchAssertions(world);
      await enrolled(world);
      return seen;
    })();
    const { jwk } = signingKeyPair(FIRST);
    const { payload, protectedHeader } = await jwtVerify(
      assertion,
      await importJWK(jwk as unknown as JWK, "RS256"),
      {
        issuer: CLIENT_ID,
        subject: CLIENT_ID,
        audience: `https://${SHOP}/admin/oauth/access_token`,
        currentDate: new Date(world.clock.now),
        maxTokenAge: "1 minute",
      },
    );
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: "first" });
    expect(payload["dest"]).toBe(`https://${SHOP}`);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });

  test("is signed anew for each attempt", async () => {
    const world = await signingStore(OWN);
    paste(world);
    const seen: string[] = [];
    let asked = 0;
    world.stray = (request) => {
      const body = JSON.parse(openRequest(request).body || "{}") as Record<string, string>;
      if (body["client_assertion"] === undefined) return undefined;
      seen.push(body["client_assertion"]);
      asked += 1;
      const down = { status: 503, headers: {}, body: "" };
      return asked < 3 ? ({ ...down, body: { unseal: () => "" } } as never) : undefined;
    };
    expect((await enrolled(world)).outcome).toBe("written");
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
  });

  test("and its signature are in no log line", async () => {
    const world = await signingStore(OWN);
    const seen = watchAssertions(world);
    await enrolled(world);
    paste(world);
    await world.pass(12 * MINUTE);
    expect(seen.length).toBeGreaterThan(1);
    const log = world.lines.join("\n");
    for (const part of seen.flatMap((assertion) => assertion.split("."))) {
      expect(log).not.toContain(part);
    }
  });
});

describe("a store of an app that signs", () => {
  test("awaits its key after its enrolment, and has its token ten minutes after Shopify knows it", async () => {
    const world = await signingStore(OWN);
    expect(await enrolled(world)).toEqual({
      store: STORE,
      outcome: "awaiting_token",
      why: "key_awaited",
    });
    expect(await conditionIn(world)).toMatchObject({
      state: "awaiting_token",
      code: "signing_key_unknown",
      needsPerson: true,
      owner: "platform-engineer",
      next: `shopify-secrets public-key ${APP}, and paste what it prints in the app's settings`,
    });
    await world.pass(30 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({ state: "awaiting_token" });
    paste(world);
    await world.pass(10 * MINUTE);
    expect(await world.isAlive(STORE)).toBe(true);
    expect(await conditionIn(world)).toMatchObject({ state: "ok" });
    const { record } = await world.currentOf(STORE);
    expect(Number(record.expiresAt) - record.issuedAt).toBe(86_399_000);
  });

  test("is told of by `up` alone while it awaits its key: nothing that worked has stopped", async () => {
    const world = await signingStore(OWN);
    await enrolled(world);
    await world.pass(HOUR);
    paste(world);
    await world.pass(20 * MINUTE);
    expect(world.notices).toEqual([]);
  });

  test("of a public app lives an hour and is renewed by the sweep, for hours, without a refresh token", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    expect((await enrolled(world)).outcome).toBe("written");
    const tokens = new Set<string>();
    await world.pass(6 * HOUR, async () => {
      const { record } = await world.currentOf(STORE);
      tokens.add(record.accessToken.unseal());
      expect(record.refreshTokenSealed).toBe("");
      expect(Number(record.expiresAt) - record.issuedAt).toBe(HOUR);
      expect(await world.isAlive(STORE)).toBe(true);
    });
    expect(tokens.size).toBeGreaterThanOrEqual(11);
    expect(world.notices).toEqual([]);
  });

  test("of a public app awaits its merchant, and has its token ten minutes after the installation", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    expect(await enrolled(world)).toMatchObject({
      outcome: "awaiting_merchant",
      why: "installation_awaited",
    });
    await world.pass(25 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({ state: "awaiting_merchant" });
    world.shopify.control.install({ clientId: CLIENT_ID, shop: SHOP });
    await world.pass(10 * MINUTE);
    expect(await world.isAlive(STORE)).toBe(true);
  });

  test("of a public app has its token ten minutes after its merchant came back", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    await enrolled(world);
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    await world.pass(4 * HOUR);
    expect(await world.isAlive(STORE)).toBe(false);
    world.shopify.control.install({ clientId: CLIENT_ID, shop: SHOP });
    await world.pass(10 * MINUTE);
    expect(await world.isAlive(STORE)).toBe(true);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("of a public app awaits its merchant as soon as its key is known", async () => {
    const world = await signingStore(PUBLIC);
    world.shopify.control.uninstall({ clientId: CLIENT_ID, shop: SHOP });
    await enrolled(world);
    await world.pass(20 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({ code: "signing_key_unknown" });
    paste(world);
    await world.pass(10 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({
      state: "awaiting_merchant",
      code: "app_not_installed",
    });
  });

  test("fails up where the organization is another one", async () => {
    const world = await signingStore(OWN);
    paste(world);
    world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
    await expect(enrolled(world)).rejects.toMatchObject({ code: "store_not_permitted" });
  });

  test.each([
    ["Disabled", "signing_key_unusable"],
    ["PendingDeletion", "signing_key_unusable"],
    ["gone", "signing_key_unusable"],
  ] as const)("whose key is %s is %s, and keeps its token", async (state, code) => {
    const world = await signingStore(PUBLIC);
    paste(world);
    await enrolled(world);
    const before = await world.currentOf(STORE);
    signingKeyPair(FIRST).state = state;
    await world.pass(40 * MINUTE);
    expect((await world.currentOf(STORE)).versionId).toBe(before.versionId);
    expect(await conditionIn(world)).toMatchObject({ code, needsPerson: true });
    signingKeyPair(FIRST).state = "Enabled";
    await world.pass(10 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test.each([
    ["throttled", "signing_unavailable"],
    ["times_out", ""],
    ["fails_before", "signing_unavailable"],
  ] as const)("keeps its token while KMS is %s: %s", async (how, code) => {
    const world = await signingStore(PUBLIC);
    paste(world);
    await enrolled(world);
    const before = await world.currentOf(STORE);
    world.plan = ({ operation }) => (operation === "Sign" ? how : undefined);
    await world.pass(40 * MINUTE);
    expect((await world.currentOf(STORE)).versionId).toBe(before.versionId);
    expect((await world.factsOf(STORE)).tags["last-error-code"]).toBe(code);
    world.plan = () => undefined;
    await world.pass(10 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("waits for a role and a key's policy that are seconds old, and then believes the denial", async () => {
    const world = await signingStore(OWN);
    paste(world);
    let denied = 3;
    world.refuse = ({ operation }) => {
      denied -= operation === "Sign" ? 1 : 0;
      return operation === "Sign" && denied >= 0;
    };
    expect((await enrolled(world)).outcome).toBe("written");
    world.refuse = ({ operation }) => operation === "Sign";
    await world.putSigningApp([SECOND]);
    await expect(enrolled(world)).rejects.toMatchObject({ code: "signing_denied" });
  });

  test.each([2 * MINUTE, -2 * MINUTE])(
    "whose clock is %d ms off is told so, and not that its key is unknown",
    async (off) => {
      const world = await signingStore(OWN);
      paste(world);
      const deps = world.deps();
      const clock = { now: () => epochMs(world.clock.now + off) };
      const request = {
        store: STORE,
        secretArn: world.arnOf(STORE),
        kind: "client-credentials",
        shop: SHOP,
        app: APP,
        appSecretVersion: undefined,
        accessToken: undefined,
        tokenSource: "config",
      } as const;
      await expect(enrol(request, { ...deps, clock })).rejects.toMatchObject({
        code: "client_assertion_refused",
      });
    },
  );

  test("whose key was revoked keeps its token, and is told by which command to mend it", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    await enrolled(world);
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: "first" });
    await world.pass(45 * MINUTE);
    expect(await world.isAlive(STORE)).toBe(true);
    expect(await conditionIn(world)).toMatchObject({
      code: "signing_key_unknown",
      needsPerson: true,
    });
  });

  test.each(["401-without-words", "400-invalid-grant"] as const)(
    "awaits its key where the refusal is %s",
    async (assertionRefusal) => {
      const world = await signingStore(OWN, { assertionRefusal });
      expect(await enrolled(world)).toMatchObject({ why: "key_awaited" });
    },
  );
});

test("a schedule that is tested before the first value says nothing of the store", async () => {
  const world = await StoreStand.create({ kind: "client-credentials", hasValue: false });
  await world.scheduleRotation();
  expect(world.failures).toEqual([]);
  expect(await world.tags()).toEqual({});
  expect(await world.current()).toBeUndefined();
});

describe("the change of a key", () => {
  test("goes on with the second key where Shopify does not know the first, and says so until it does", async () => {
    const world = await signingStore(PUBLIC);
    paste(world);
    await enrolled(world);
    await world.putSigningApp([SECOND, FIRST]);
    expect(await enrolled(world)).toMatchObject({ outcome: "kept", why: "key_awaited" });
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "signing_key_unknown" });
    paste(world, SECOND);
    await world.pass(HOUR);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: "first" });
    await world.pass(2 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
  });

  test("falls back on the app secret's version before, a client secret included, in the own organization", async () => {
    const world = await FleetStand.create();
    await world.add(STORE, { ...OWN, holds: "client-credentials", isRotated: false });
    await world.putSigningApp([FIRST]);
    expect(await enrolled(world)).toMatchObject({ outcome: "kept", why: "key_awaited" });
    await world.pass(36 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect(await conditionIn(world)).toMatchObject({ code: "signing_key_unknown" });
    paste(world);
    await world.pass(24 * HOUR);
    // Nobody switched the schedule of this stand on.
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "rotation_off" });
  });
});

describe("a pair of before", () => {
  const PAIR: FleetStore = { kind: "offline-expiring", distribution: "public" };

  /** A public app's store with a pair, whose app begins to sign. */
  async function movingStore(clientSecret?: string): Promise<FleetStand> {
    const world = await FleetStand.create();
    await world.add(STORE, PAIR);
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    world.shopify.control.changeShop({ shop: SHOP, organization: "org-of-a-merchant" });
    await world.putSigningApp([FIRST], clientSecret);
    await world.declare(STORE, PUBLIC);
    return world;
  }

  test.each([
    ["has its client secret still", FIRST_SECRET],
    ["had one in its version before", undefined],
  ])("goes on while Shopify does not know the key, where the app %s", async (_, clientSecret) => {
    const world = await movingStore(clientSecret);
    expect(await enrolled(world)).toMatchObject({ outcome: "kept", why: "key_awaited" });
    await world.pass(4 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "signing_key_unknown" });
    expect((await world.currentOf(STORE)).record.refreshTokenSealed).not.toBe("");
    paste(world);
    await world.pass(HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    const { record } = await world.currentOf(STORE);
    expect([record.kind, record.refreshTokenSealed]).toEqual(["client-credentials", ""]);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("gives way to the key, and is taken up again on the way back", async () => {
    const world = await movingStore(FIRST_SECRET);
    paste(world);
    expect(await enrolled(world)).toMatchObject({ outcome: "written" });
    await world.pass(2.5 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect((await world.currentOf(STORE)).record.refreshTokenSealed).toBe("");
    await world.putAppSecret(FIRST_SECRET);
    await world.declare(STORE, PAIR);
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    const { record } = await world.currentOf(STORE);
    expect([record.kind, record.refreshTokenSealed !== ""]).toEqual(["offline-expiring", true]);
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("steps in again where the key fails before a token of it was renewed once", async () => {
    const world = await movingStore(FIRST_SECRET);
    paste(world);
    expect(await enrolled(world)).toMatchObject({ outcome: "written" });
    world.shopify.control.revokeKey({ clientId: CLIENT_ID, kid: "first" });
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "signing_key_unknown" });
    expect((await world.currentOf(STORE)).record.refreshTokenSealed).not.toBe("");
  });

  test("steps in for some renewals more, and a store without one keeps what it has", async () => {
    const world = await movingStore(FIRST_SECRET);
    paste(world);
    await enrolled(world);
    await world.pass(70 * MINUTE);
    expect((await world.currentOf(STORE)).record.refreshTokenSealed).toBe("");
    signingKeyPair(FIRST).state = "Disabled";
    await world.pass(2 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "signing_key_unusable" });
    signingKeyPair(FIRST).state = "Enabled";
    await world.pass(HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    expect((await world.currentOf(STORE)).record.refreshTokenSealed).toBe("");
    expect(await conditionIn(world)).toMatchObject({ state: "ok", code: "" });
  });

  test("is asked for on the way back by its own name, and not by that of a migration", async () => {
    const world = await movingStore(FIRST_SECRET);
    paste(world);
    await enrolled(world);
    await world.pass(HOUR);
    await world.putAppSecret(FIRST_SECRET);
    await world.declare(STORE, PAIR);
    expect(await enrolledAs(world, "offline-expiring")).toEqual({
      store: STORE,
      outcome: "awaiting_merchant",
      why: "kept_pair_awaited",
    });
  });

  test("that is kept no more leaves the way back to the merchant, and the status says so", async () => {
    const world = await movingStore(FIRST_SECRET);
    paste(world);
    await enrolled(world);
    await world.pass(6 * HOUR);
    await world.putAppSecret(FIRST_SECRET);
    await world.declare(STORE, PAIR);
    await world.pass(40 * MINUTE);
    expect(await conditionIn(world)).toMatchObject({
      needsPerson: true,
      owner: "merchant",
      next: `shopify-secrets install-link ${STORE}, and send the link to the merchant`,
    });
  });

  test("of a token without an end, the store's token changes in the enrolment", async () => {
    const world = await FleetStand.create();
    await world.add(STORE, { kind: "offline", distribution: "public" });
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    await world.putSigningApp([FIRST]);
    await world.declare(STORE, PUBLIC);
    expect(await enrolled(world)).toMatchObject({ outcome: "kept", why: "key_awaited" });
    await world.pass(2 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    paste(world);
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
    const { record } = await world.currentOf(STORE);
    expect(Number(record.expiresAt) - record.issuedAt).toBe(HOUR);
  });
});

describe("whatever Shopify turns out to ask of an assertion", () => {
  /** What the product works with, either way. */
  const TAKEN = [
    { assertionShop: "claimed" },
    { assertionKid: "named-key" },
    { assertionLife: "one-minute" },
    { assertionReplay: "granted" },
    { revokedKey: "tokens-die" },
    { revokedKeyLag: "ten-minutes" },
    { clientSecretOfSigningApp: "refused" },
    { clientCredentialsOverlap: "old-dies" },
    { expiresIn: "absent" },
  ] as const satisfies readonly Partial<Switches>[];

  test.each(TAKEN)("a store lives for hours with %j", async (switches) => {
    const world = await signingStore(PUBLIC, switches);
    paste(world);
    expect((await enrolled(world)).outcome).toBe("written");
    await world.pass(3 * HOUR, async () => expect(await world.isAlive(STORE)).toBe(true));
  });

  test.each([
    [{ assertionAudience: "shop" }, "client_assertion_refused"],
    [{ assertionGrant: "jwt-bearer" }, "client_assertion_refused"],
    [
      { assertionGrant: "jwt-bearer", wrongSecretAnswer: "401-invalid-client" },
      "client_assertion_refused",
    ],
  ] as const)(
    "%j is told as %s at the first enrolment, and gets no token",
    async (switches, code) => {
      const world = await signingStore(PUBLIC, switches);
      paste(world);
      const end = await enrolled(world).catch((error: { code?: string }) => error.code);
      expect(end).toBe(code);
    },
  );
});
