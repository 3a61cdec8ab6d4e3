import { encodeRecord } from "../../../contract/record";
import { epochMs } from "../../../contract/time";
import { versionIdOf } from "../../../lambda/engine/version-id";
import { DAY, HOUR, MINUTE, SCOPES, shopOf } from "../../simulation/stage";
import { FleetStand, START } from "../stand/fleet-stand";

const withPair = async (): Promise<FleetStand> => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "offline-expiring" });
  return world;
};
const PAIR = { kind: "offline-expiring" } as const;

/** Reads AWSCURRENT every simulated minute, and counts the minutes in which its token is dead. */
async function deadMinutes(world: FleetStand, milliseconds: number): Promise<number> {
  let dead = 0;
  await world.pass(milliseconds, async () => {
    if (!(await world.isAlive("acme"))) dead += 1;
  });
  return dead;
}

async function mostVersionsInADay(world: FleetStand): Promise<number> {
  const times = await world.versionTimes("acme");
  return Math.max(...times.map((at) => times.filter((t) => t > at - DAY && t <= at).length));
}

describe("a one-hour pair", () => {
  test("lives for three days without a dead minute, at 48 versions a day", async () => {
    const world = await withPair();
    expect(await deadMinutes(world, 3 * DAY)).toBe(0);
    const { tags, labels } = await world.factsOf("acme");
    expect(tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
      "expires-at": expect.stringMatching(/Z$/),
    });
    expect(Object.values(labels).flat().sort()).toEqual([
      "AWSCURRENT",
      "AWSPENDING",
      "AWSPREVIOUS",
    ]);
    expect(await mostVersionsInADay(world)).toBeLessThanOrEqual(48);
    expect(world.notices).toEqual([]);
  });

  test("is renewed by a sweep of a stack where nobody ever calls Shopify, long before 90 days", async () => {
    const world = await withPair();
    await world.pass(HOUR);
    const { tags } = await world.factsOf("acme");
    expect(Date.parse(tags["refresh-expires-at"] ?? "")).toBeGreaterThan(START + 90 * DAY);
  });

  test("survives a lost refresh reply without a dead minute", async () => {
    const world = await withPair();
    await world.pass(20 * MINUTE);
    world.shopify.control.break({
      on: "token-endpoint",
      answer: "drop",
      when: "after-effect",
      times: 5,
    });
    expect(await deadMinutes(world, 6 * HOUR)).toBe(0);
    expect(world.notices).toEqual([]);
  });

  test.each([0, 5, 9, 15, 19, 25, 29, 35, 39])(
    "survives an outage of 20 minutes that begins after %i minutes, without a dead minute",
    async (minutes) => {
      const world = await withPair();
      // A token is some seconds younger than the sweep that brought it.
      world.latencyMs = 3_000;
      await world.pass(3 * HOUR + minutes * MINUTE);
      world.shopify.control.break({ answer: 503 });
      let dead = await deadMinutes(world, 20 * MINUTE);
      world.shopify.control.mend({});
      dead += await deadMinutes(world, HOUR);
      expect(dead).toBe(0);
      expect(world.notices).toEqual([]);
    },
  );

  test("has a good token within one sweep of the end of a 90-minute outage, and people heard once each way", async () => {
    const world = await withPair();
    await world.pass(25 * MINUTE);
    world.shopify.control.break({ on: "token-endpoint", answer: 503 });
    expect(await deadMinutes(world, 90 * MINUTE)).toBeGreaterThan(0);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "shopify_unreachable",
    });
    world.shopify.control.mend({});
    await world.pass(10 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    expect(world.notices.map(({ turn, state }) => `${turn} ${state}`)).toEqual([
      "worse failing",
      "worse dead",
      "mended ok",
    ]);
  });

  test.each([
    ["the token endpoint is down", { on: "token-endpoint", answer: 503 }],
    ["every new token is refused", { on: "admin-api", answer: 401 }],
    ["every check is inconclusive", { on: "admin-api", answer: 503 }],
  ] as const)("gets at most 72 versions in a day on which %s", async (_what, trouble) => {
    const world = await withPair();
    world.shopify.control.break(trouble);
    await world.pass(DAY);
    expect(await mostVersionsInADay(world)).toBeLessThanOrEqual(72);
    world.shopify.control.mend({});
    await world.pass(30 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
  });

  test.each(["killed_before", "killed_after", "fails_before", "fails_after"] as const)(
    "survives a sweep that is %s at each of its calls",
    async (fault) => {
      const due = async () => {
        const world = await withPair();
        await world.pass(20 * MINUTE);
        world.clock.now += 10 * MINUTE;
        world.calls.length = 0;
        return world;
      };
      const plain = await due();
      await plain.sweep();
      const calls = plain.calls.map(({ operation }) => operation);
      expect(calls.length).toBeGreaterThanOrEqual(9);
      const broken: string[] = [];
      for (const [at, operation] of calls.entries()) {
        const world = await due();
        world.plan = ({ index }) => (index === at ? fault : undefined);
        await world.sweep().catch(() => undefined);
        world.plan = () => undefined;
        const dead = await deadMinutes(world, 80 * MINUTE);
        if (dead > 0) broken.push(`${fault} at ${at} (${operation}): ${dead} dead minutes`);
      }
      expect(broken).toEqual([]);
    },
  );

  test("converges when sweeps overlap", async () => {
    const world = await withPair();
    await world.pass(20 * MINUTE);
    world.clock.now += 10 * MINUTE;
    const before = (await world.versionTimes("acme")).length;
    const results = await Promise.all([world.sweep(), world.sweep(), world.sweep()]);
    expect(results.map(({ failed }) => failed)).toEqual([0, 0, 0]);
    expect((await world.versionTimes("acme")).length).toBe(before + 1);
    expect(await deadMinutes(world, 3 * HOUR)).toBe(0);
  });
});

describe("a store that was uninstalled", () => {
  async function uninstalled(): Promise<FleetStand> {
    const world = await withPair();
    await world.pass(20 * MINUTE);
    world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
    await world.pass(2 * HOUR);
    return world;
  }

  test("is dead for the merchant to mend, and Shopify is asked again once a day", async () => {
    const world = await uninstalled();
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "refresh_token_dead",
    });
    world.calls.length = 0;
    await world.pass(3 * DAY);
    const asked = world.calls.filter(({ target }) => target === "shopify");
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(asked.length).toBeGreaterThanOrEqual(2);
  });

  test("is reported, although a renewal that was cut off left a pair that nobody has presented", async () => {
    const world = await withPair();
    await world.pass(20 * MINUTE);
    world.clock.now += 10 * MINUTE;
    world.plan = ({ operation }) =>
      operation === "UpdateSecretVersionStage" ? "killed_before" : undefined;
    await world.sweep().catch(() => undefined);
    world.plan = () => undefined;
    world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
    await world.pass(40 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "refresh_token_dead",
    });
    expect(world.notices.at(-1)).toMatchObject({ turn: "worse", state: "dead" });
  });

  test("keeps the mark that the webhook left", async () => {
    const world = await withPair();
    await world.pass(10 * MINUTE);
    world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
    await world.model.handle("TagResource", {
      SecretId: world.arnOf("acme"),
      Tags: [{ Key: "shopify-secrets:state", Value: "uninstalled" }],
    });
    await world.pass(DAY);
    expect((await world.factsOf("acme")).tags["state"]).toBe("uninstalled");
    expect(world.notices.map(({ state }) => state)).toEqual(["uninstalled"]);
  });

  test("is renewed again after a reinstall whose status was never written", async () => {
    const world = await uninstalled();
    await world.put(world.arnOf("acme"), await world.obtain("acme", "offline-expiring"));
    expect(await deadMinutes(world, 6 * HOUR)).toBe(0);
    expect((await world.factsOf("acme")).tags["state"]).toBe("ok");
  });

  test("is renewed after an install over a longer-lived kind whose status was never written", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "client-credentials" });
    await world.sweep();
    await world.declare("acme", PAIR);
    await world.put(world.arnOf("acme"), await world.obtain("acme", "offline-expiring"));
    expect(await deadMinutes(world, 6 * HOUR)).toBe(0);
  });

  test("loses a stale mark at the next renewal", async () => {
    const world = await withPair();
    await world.pass(10 * MINUTE);
    await world.model.handle("TagResource", {
      SecretId: world.arnOf("acme"),
      Tags: [{ Key: "shopify-secrets:state", Value: "uninstalled" }],
    });
    expect(await deadMinutes(world, 2 * HOUR)).toBe(0);
    expect((await world.factsOf("acme")).tags["state"]).toBe("ok");
  });
});

describe("a store without a value", () => {
  test("awaits its merchant, which is no error", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { ...PAIR, holds: "none" });
    const result = await world.sweep();
    expect(result).toMatchObject({ awaiting: 1, failed: 0 });
    expect((await world.factsOf("acme")).tags["state"]).toBe("awaiting_merchant");
    await world.pass(DAY);
    expect(world.notices).toEqual([]);
    expect(world.lines.filter((line) => line.includes('"error"'))).toEqual([]);
  });

  test("gets the pair of an install that was cut off", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { ...PAIR, holds: "none" });
    await world.put(world.arnOf("acme"), await world.obtain("acme", "offline-expiring"), [
      "AWSPENDING",
    ]);
    expect(await deadMinutes(world, 10 * MINUTE)).toBe(0);
    expect(await deadMinutes(world, 5 * HOUR)).toBe(0);
  });
});

const INSTALLING = ["SHOPIFY_SECRETS_INSTALLING"];

describe("an install that was cut off", () => {
  const labelled = async (world: FleetStand) =>
    Object.values((await world.factsOf("acme")).labels)
      .flat()
      .includes(INSTALLING[0] ?? "");

  test.each([
    [0, true],
    [55, true],
    [90, true],
    [0, false],
    [55, false],
    [90, false],
  ])(
    "without a value is taken up, also %i minutes later (first value current: %s)",
    async (minutes, firstValueBecomesCurrent) => {
      const world = await FleetStand.create({}, { firstValueBecomesCurrent });
      await world.add("acme", { ...PAIR, holds: "none" });
      const record = await world.obtain("acme", "offline-expiring");
      await world.put(world.arnOf("acme"), { ...record, checked: "untried" }, INSTALLING);
      world.clock.now += minutes * MINUTE;
      const adopted = firstValueBecomesCurrent ? 0 : 1;
      expect(await world.sweep()).toMatchObject({ adopted, failed: 0 });
      expect(await deadMinutes(world, 5 * HOUR)).toBe(0);
      expect(await labelled(world)).toBe(false);
    },
  );

  test("over a live pair wins over the renewal that was stored in between", async () => {
    const world = await withPair();
    await world.pass(20 * MINUTE);
    const before = await world.currentOf("acme");
    const install = {
      ...(await world.obtain("acme", "offline-expiring")),
      checked: "untried",
    } as const;
    const parentVersion = before.versionId as never;
    await world.put(world.arnOf("acme"), { ...install, parentVersion }, INSTALLING);
    // What the renewal got was retired by the install a moment later.
    const renewal = { ...before.record, parentVersion, issuedAt: install.issuedAt };
    await world.model.handle("PutSecretValue", {
      SecretId: world.arnOf("acme"),
      ClientRequestToken: versionIdOf({ purpose: "renew", from: before.versionId, attempt: 0 }),
      SecretString: encodeRecord(renewal),
    });
    await world.pass(10 * MINUTE);
    const { record } = await world.currentOf("acme");
    expect(record.accessToken.unseal()).toBe(install.accessToken.unseal());
    expect(await deadMinutes(world, 5 * HOUR)).toBe(0);
  });

  test("and whose label was left behind never comes back over what renewed it", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { ...PAIR, holds: "none" });
    const record = await world.obtain("acme", "offline-expiring");
    await world.put(world.arnOf("acme"), record, ["AWSCURRENT", ...INSTALLING]);
    const { versionId } = await world.currentOf("acme");
    expect(await deadMinutes(world, 5 * HOUR)).toBe(0);
    expect((await world.currentOf("acme")).versionId).not.toBe(versionId);
    expect(await labelled(world)).toBe(false);
  });

  test.each([
    ["the renewal that came at once", 0],
    ["a later version", 2 * MINUTE],
  ])("long ago never comes back over %s", async (_what, ageMs) => {
    const world = await FleetStand.create();
    await world.add("acme", { ...PAIR, holds: "none" });
    const old = await world.obtain("acme", "offline-expiring");
    await world.put(world.arnOf("acme"), old, ["AWSCURRENT", ...INSTALLING]);
    const { versionId } = await world.currentOf("acme");
    world.clock.now += ageMs;
    const parentVersion = (ageMs === 0 ? versionId : undefined) as never;
    const newer = { ...(await world.obtain("acme", "offline-expiring")), parentVersion };
    await world.put(world.arnOf("acme"), newer);
    expect(await world.sweep()).toMatchObject({ adopted: 0, failed: 0 });
    expect((await world.currentOf("acme")).record.accessToken.unseal()).toBe(
      newer.accessToken.unseal(),
    );
    expect(await labelled(world)).toBe(false);
  });

  test("whose fresh token is refused never replaces a living one", async () => {
    const world = await withPair();
    const before = await world.currentOf("acme");
    const record = await world.obtain("acme", "offline-expiring");
    world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
    const parentVersion = before.versionId as never;
    await world.put(
      world.arnOf("acme"),
      { ...record, checked: "untried", parentVersion },
      INSTALLING,
    );
    expect(await world.sweep()).toMatchObject({ adopted: 0, failed: 1 });
    expect((await world.currentOf("acme")).versionId).toBe(before.versionId);
    // Its refresh token is the only one that is left, and counts once no access token does.
    await world.pass(70 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
  });
});

test("a lost code exchange leaves the store to its merchant, and people hear of it when the token ends", async () => {
  const world = await withPair();
  await world.pass(10 * MINUTE);
  world.shopify.control.issuePair({ clientId: "erp-client", shop: "acme.myshopify.com" });
  const Tags = [
    { Key: "shopify-secrets:state", Value: "awaiting_merchant" },
    { Key: "shopify-secrets:last-error-code", Value: "code_exchange_lost" },
    { Key: "shopify-secrets:last-error-at", Value: new Date(world.clock.now).toISOString() },
  ];
  await world.model.handle("TagResource", { SecretId: world.arnOf("acme"), Tags });
  await world.pass(30 * MINUTE);
  expect(await world.isAlive("acme")).toBe(true);
  expect((await world.factsOf("acme")).tags["state"]).toBe("awaiting_merchant");
  expect(world.metrics.at(-1)).toMatchObject({ TokensUnderQuarterLifeFailing: 0 });
  await world.pass(10 * MINUTE);
  // The alarm comes while the token still serves.
  expect(await world.isAlive("acme")).toBe(true);
  expect((await world.factsOf("acme")).tags["state"]).toBe("awaiting_merchant");
  expect(world.metrics.at(-1)).toMatchObject({ TokensUnderQuarterLifeFailing: 1 });
  await world.pass(20 * MINUTE);
  expect((await world.factsOf("acme")).tags["state"]).toBe("dead");
  expect(world.notices).toMatchObject([
    { state: "awaiting_merchant", code: "code_exchange_lost" },
    { state: "dead", owner: "merchant" },
  ]);
});

describe("a pair that was cut off over a live one", () => {
  test.each([0, 50])("is taken up, also %i minutes later", async (minutes) => {
    const world = await withPair();
    await world.pass(10 * MINUTE);
    const parent = (await world.currentOf("acme")).versionId;
    const record = await world.obtain("acme", "offline-expiring");
    const pending = { ...record, checked: "untried", parentVersion: parent } as never;
    await world.put(world.arnOf("acme"), pending, ["AWSPENDING"]);
    world.clock.now += minutes * MINUTE;
    await world.pass(10 * MINUTE);
    expect((await world.currentOf("acme")).record.parentVersion).toBeDefined();
    expect(await deadMinutes(world, 6 * HOUR)).toBe(0);
    expect(world.notices).toEqual([]);
  });

  test("that another version overtook is dropped at its second sighting", async () => {
    const world = await withPair();
    const stale = { ...(await world.currentOf("acme")).record, parentVersion: "f".repeat(32) };
    await world.put(world.arnOf("acme"), stale as never, ["AWSPENDING"]);
    await world.sweep();
    const pendingIn = async () => {
      const { labels } = await world.factsOf("acme");
      return Object.entries(labels).filter(
        ([, stages]) => stages.includes("AWSPENDING") && !stages.includes("AWSCURRENT"),
      ).length;
    };
    expect(await pendingIn()).toBe(1);
    world.clock.now = epochMs(world.clock.now + 19 * MINUTE);
    await world.sweep();
    expect(await pendingIn()).toBe(1);
    world.clock.now += MINUTE;
    await world.sweep();
    expect(await pendingIn()).toBe(0);
  });
});

test("a pending pair that succeeds the current one is never thrown away", async () => {
  const world = await withPair();
  await world.pass(30 * MINUTE);
  const { versionId, record } = await world.currentOf("acme");
  const pending = versionIdOf({ purpose: "renew", from: versionId, attempt: 0 });
  await world.model.handle("PutSecretValue", {
    SecretId: world.arnOf("acme"),
    ClientRequestToken: pending,
    SecretString: encodeRecord({ ...record, parentVersion: versionId as never }),
    VersionStages: ["AWSPENDING"],
  });
  await world.sweep();
  world.clock.now += 21 * MINUTE;
  expect(await world.sweep()).toMatchObject({ renewed: 0 });
  expect((await world.factsOf("acme")).labels[pending]).toEqual(["AWSPENDING"]);
});

test("a lost scope is said once, and the pair lives on", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { ...PAIR, scopes: [...SCOPES, "read_customers"] });
  expect(await deadMinutes(world, 3 * HOUR)).toBe(0);
  expect((await world.factsOf("acme")).tags).toMatchObject({
    state: "ok",
    "last-error-code": "scope_missing",
    "missing-scopes": "read_customers",
  });
  expect(world.metrics.at(-1)).toMatchObject({ StoresWithMissingScopes: 1 });
});

describe("a pair whose declared version of the Admin API Shopify does not serve", () => {
  test("keeps the version of its record at every renewal, and people are told", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    const before = (await world.currentOf("acme")).record;
    await world.declare("acme", { kind: "offline-expiring", apiVersion: "2027-07" });
    await world.pass(3 * HOUR);
    const { record } = await world.currentOf("acme");
    expect(record.accessToken.unseal()).not.toBe(before.accessToken.unseal());
    expect(record.apiVersion).toBe(before.apiVersion);
    expect(await world.isAlive("acme")).toBe(true);
    expect(world.notices.map(({ code }) => code)).toEqual(["api_version_unknown"]);
  });

  test("takes one that is served", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.declare("acme", { kind: "offline-expiring", apiVersion: "2026-07" });
    await world.pass(2 * HOUR);
    expect((await world.currentOf("acme")).record.apiVersion).toBe("2026-07");
    expect(world.notices).toEqual([]);
  });

  test("is renewed in time where nobody can tell", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.declare("acme", { kind: "offline-expiring", apiVersion: "2026-07" });
    world.shopify.control.break({ on: "admin-api", answer: 503, when: "before-effect" });
    await world.pass(2 * HOUR);
    expect((await world.currentOf("acme")).record.apiVersion).toBe("2026-07");
    expect(await world.isAlive("acme")).toBe(true);
  });
});

describe("a shop that is closed for a season", () => {
  const TOLD = ["failing shop_frozen", "dead shop_frozen"];

  async function closed(): Promise<FleetStand> {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.pass(HOUR);
    world.shopify.control.changeShop({ shop: shopOf("acme"), state: "frozen" });
    await world.pass(27 * HOUR);
    return world;
  }

  test("is asked once an hour, and told of when the token runs out", async () => {
    const world = await closed();
    expect(world.notices.map(({ state, code }) => `${state} ${code}`)).toEqual(TOLD);
    world.calls.length = 0;
    await world.pass(DAY);
    const asked = world.calls.filter(({ target }) => target === "shopify");
    expect(asked.length).toBeLessThanOrEqual(24);
    expect(asked.length).toBeGreaterThanOrEqual(20);
    expect(world.notices).toHaveLength(TOLD.length);
  });

  test("is told of again two weeks before its refresh token ends", async () => {
    const world = await closed();
    world.clock.now += 74 * DAY;
    await world.pass(HOUR);
    expect(world.notices).toHaveLength(TOLD.length);
    world.clock.now += 3 * DAY;
    await world.pass(2 * HOUR);
    expect(world.notices.map(({ state, code }) => `${state} ${code}`)).toEqual([
      ...TOLD,
      "dead refresh_token_ending",
    ]);
    expect(world.notices.at(-1)?.message).toContain("shopify-secrets install-link acme");
    await world.pass(DAY);
    expect(world.notices).toHaveLength(TOLD.length + 1);
  });

  test("is well within an hour of its reopening, also weeks later", async () => {
    const world = await closed();
    world.clock.now += 60 * DAY;
    world.shopify.control.changeShop({ shop: shopOf("acme"), state: "open" });
    await world.pass(HOUR + 20 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
    expect(world.notices.at(-1)).toMatchObject({ turn: "mended", state: "ok" });
  });
});
