import { CLIENT_ID, DAY, HOUR, MINUTE, SCOPES, shopOf } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const STATIC = ["custom-app", "offline"] as const;

/** The times at which the store's token was tried at Shopify. */
function checksOf(world: FleetStand, shop: string): number {
  return world.calls.filter(
    ({ target, input }) => target === "shopify" && (input as { shop?: string }).shop === shop,
  ).length;
}

describe.each(STATIC)("a static token (%s)", (kind) => {
  test("is checked once a day, and its value is read no more often", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind });
    await world.pass(DAY);
    world.calls.length = 0;
    await world.pass(3 * DAY);
    expect(checksOf(world, "acme.myshopify.com")).toBe(3);
    expect(world.calls.filter(({ operation }) => operation === "GetSecretValue")).toHaveLength(3);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
      "expires-at": "",
    });
  });

  test("that died is said within a day, once, and once more when it works again", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind });
    await world.pass(DAY);
    const { record } = await world.currentOf("acme");
    world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
    await world.pass(DAY);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "token_dead",
    });
    expect(world.metrics.at(-1)).toMatchObject({ StaticTokensDead: 1, StoresDead: 1 });
    await world.pass(2 * DAY);
    expect(world.notices).toHaveLength(1);
    expect(world.notices[0]).toMatchObject({ turn: "worse", state: "dead", code: "token_dead" });
    await world.put(world.arnOf("acme"), await world.obtain("acme", kind));
    await world.pass(10 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    expect(world.notices.map(({ turn }) => turn)).toEqual(["worse", "mended"]);
  });

  test("that lost a scope is said, and is not dead", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind, scopes: [...SCOPES, "read_customers"] });
    await world.pass(HOUR);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "scope_missing",
      "missing-scopes": "read_customers",
    });
  });

  test.each([503, "INTERNAL_SERVER_ERROR", "TIMEOUT", "CODE_OF_TOMORROW"] as const)(
    "is asked for again after an hour when %s says nothing about it",
    async (answer) => {
      const world = await FleetStand.create();
      await world.add("acme", { kind });
      await world.pass(10 * MINUTE);
      world.shopify.control.break({ answer });
      await world.pass(DAY);
      const { tags } = await world.factsOf("acme");
      expect(tags).toMatchObject({ state: "ok", "last-error-code": "shopify_unreachable" });
      expect(world.notices).toEqual([]);
      world.shopify.control.mend({});
      await world.pass(70 * MINUTE);
      expect((await world.factsOf("acme")).tags["last-error-code"]).toBe("");
    },
  );

  test("of a frozen store is failing, not dead, and people hear of it", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind });
    world.shopify.control.break({ answer: 402 });
    await world.pass(DAY);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "failing",
      "last-error-code": "shop_frozen",
    });
    expect(world.notices).toMatchObject([
      { turn: "worse", code: "shop_frozen", owner: "merchant" },
    ]);
  });
});

test("checks are spread over the day", async () => {
  const world = await FleetStand.create();
  const keys = Array.from({ length: 48 }, (_, index) => `store-${index}`);
  for (const key of keys) await world.add(key, { kind: "custom-app" });
  await world.pass(DAY);
  world.calls.length = 0;
  const perHour: number[] = [];
  for (let hour = 0; hour < 24; hour += 1) {
    const before = world.calls.filter(({ target }) => target === "shopify").length;
    await world.pass(HOUR);
    perHour.push(world.calls.filter(({ target }) => target === "shopify").length - before);
  }
  expect(perHour.reduce((sum, one) => sum + one, 0)).toBe(48);
  expect(Math.max(...perHour)).toBeLessThanOrEqual(8);
});

describe("an OAuth token without an end", () => {
  const logged = (world: FleetStand) =>
    world.lines.filter((line) => line.includes("sweep.non_expiring_token"));

  test.each(["public", "unsaid"] as const)("of an app that is %s is counted down", async (says) => {
    const world = await FleetStand.create();
    await world.add("partner", { kind: "offline", distribution: says });
    await world.add("heritage", { kind: "custom-app", distribution: says });
    await world.sweep();
    expect(logged(world)).toHaveLength(1);
    expect(JSON.parse(logged(world)[0] ?? "{}")).toMatchObject({
      store: "partner",
      ends_for_public_apps_at: "2027-01-01",
      next: expect.stringContaining("shopify-secrets migrate partner"),
    });
  });

  test.each(["custom", "own-organization"] as const)("of a %s app has no end", async (says) => {
    const world = await FleetStand.create();
    await world.add("partner", { kind: "offline", distribution: says });
    await world.sweep();
    world.clock.now = Date.UTC(2027, 0, 2);
    await world.sweep();
    expect(logged(world)).toEqual([]);
    expect(world.notices).toEqual([]);
  });
});

describe("the first of January 2027", () => {
  const at = (text: string) => Date.parse(`${text}T06:00:00Z`);
  const told = ({ notices }: FleetStand) => notices.map(({ state, code }) => `${state} ${code}`);

  async function worldOf(given: { readonly isMigrationPermitted: boolean }): Promise<FleetStand> {
    const world = await FleetStand.create();
    world.shopify.control.changeApp({ clientId: CLIENT_ID, distribution: "public" });
    world.clock.now = at("2026-09-01");
    await world.add("partner", {
      kind: given.isMigrationPermitted ? "offline-expiring" : "offline",
      holds: "offline",
      distribution: "public",
    });
    return world;
  }

  test.each([true, false])(
    "is told of 90, 30 and 7 days before (migration permitted: %s)",
    async (isMigrationPermitted) => {
      const world = await worldOf({ isMigrationPermitted });
      const toldOn: string[] = [];
      for (let day = at("2026-09-01"); day < at("2027-01-01"); day += DAY) {
        world.clock.now = day;
        const before = world.notices.length;
        await world.sweep();
        await world.sweep();
        if (world.notices.length > before) toldOn.push(new Date(day).toISOString().slice(0, 10));
      }
      expect(toldOn).toEqual(["2026-10-03", "2026-12-02", "2026-12-25"]);
      expect(new Set(told(world))).toEqual(new Set(["ok non_expiring_ending"]));
      expect(world.notices[0]?.message).toContain("shopify-secrets migrate partner");
    },
  );

  test("has a pass look at no store that people were told of and that works", async () => {
    const world = await worldOf({ isMigrationPermitted: false });
    world.clock.now = at("2026-12-04");
    await world.sweep();
    await world.sweep();
    world.calls.length = 0;
    await world.pass(HOUR);
    const looks = world.calls.filter(({ operation }) => operation === "DescribeSecret");
    expect(looks).toEqual([]);
  });

  test("what comes in between is told all the same", async () => {
    const world = await worldOf({ isMigrationPermitted: false });
    world.clock.now = at("2026-12-04");
    await world.sweep();
    world.shopify.control.changeScopes({
      clientId: CLIENT_ID,
      shop: shopOf("partner"),
      scopes: [],
    });
    world.clock.now = at("2026-12-06");
    await world.sweep();
    expect(told(world)).toEqual(["ok non_expiring_ending", "ok scope_missing"]);
  });

  test("kills the token, which is seen at once and leads to the merchant", async () => {
    const world = await worldOf({ isMigrationPermitted: false });
    world.clock.now = at("2026-12-31");
    await world.sweep();
    world.clock.now = Date.UTC(2027, 0, 1, 0, 1);
    await world.sweep();
    await world.pass(HOUR);
    const { state, code, message } = world.notices.at(-1) ?? {};
    expect([state, code]).toEqual(["dead", "token_dead"]);
    expect(message).toContain("shopify-secrets install-link partner");
    expect(message).not.toContain("shopify-secrets put");
  });
});

test("a store whose token nobody pasted yet awaits it, which is no error", async () => {
  const world = await FleetStand.create();
  await world.add("heritage", { kind: "custom-app", holds: "none" });
  await world.add("partner", { kind: "offline", holds: "none" });
  expect(await world.sweep()).toMatchObject({ awaiting: 2, failed: 0 });
  expect((await world.factsOf("heritage")).tags["state"]).toBe("awaiting_token");
  expect((await world.factsOf("partner")).tags["state"]).toBe("awaiting_merchant");
  expect(world.notices).toEqual([]);
});
