import { DAY, HOUR, MINUTE } from "../../simulation/stage";
import { FleetStand } from "../stand/fleet-stand";

const CREDENTIALS = { kind: "client-credentials" } as const;
const CHECK_ALL = { action: "check", stores: [], stage: "AWSCURRENT" } as const;

async function withCredentials(): Promise<FleetStand> {
  const world = await FleetStand.create();
  await world.add("acme", CREDENTIALS);
  await world.sweep();
  return world;
}

const told = (world: FleetStand) => world.notices.map(({ turn, code }) => [turn, code]);

async function revoke(world: FleetStand): Promise<void> {
  const { record } = await world.currentOf("acme");
  world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
}

describe("a token that Shopify refuses before its end", () => {
  test("is renewed by the next sweep after a check found it", async () => {
    const world = await withCredentials();
    world.clock.now += HOUR;
    await revoke(world);
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "dead", code: "token_dead" }],
    });
    await world.pass(10 * MINUTE);
    expect(await world.isAlive("acme")).toBe(true);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "",
    });
    // What the next sweep mends wakes nobody.
    expect(told(world)).toEqual([]);
  });

  test("stays dead while it cannot be renewed, and the check says why", async () => {
    const world = await withCredentials();
    world.clock.now += HOUR;
    world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
    await world.act(CHECK_ALL);
    await world.pass(20 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "refusal_unconfirmed",
    });
    await world.pass(10 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "dead",
      "last-error-code": "app_not_installed",
    });
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "dead", code: "app_not_installed" }],
    });
    expect((await world.factsOf("acme")).tags["last-error-code"]).toBe("app_not_installed");
    expect(told(world)).toEqual([
      ["worse", "refusal_unconfirmed"],
      ["worse", "app_not_installed"],
    ]);
    expect(world.metrics.at(-1)).toMatchObject({ TokensUnderQuarterLifeFailing: 1 });
  });
});

describe("a check of a token that works", () => {
  test("does not hide that its renewal fails", async () => {
    const world = await withCredentials();
    await world.model.handle("TagResource", {
      SecretId: world.arnOf("acme"),
      Tags: [
        { Key: "shopify-secrets:state", Value: "failing" },
        { Key: "shopify-secrets:last-error-code", Value: "client_secret_rejected" },
        { Key: "shopify-secrets:last-error-at", Value: "2026-11-01T00:00:00Z" },
      ],
    });
    const before = (await world.factsOf("acme")).tags;
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "failing", code: "client_secret_rejected", answer: "works" }],
    });
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "failing",
      "last-error-code": "client_secret_rejected",
      "last-error-at": before["last-error-at"],
    });
  });

  test("nor that a pair ended because of an outage of the token endpoint", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.sweep();
    world.shopify.control.break({ on: "token-endpoint", answer: 503 });
    for (const minutes of [50, 20]) {
      await world.pass(minutes * MINUTE);
      expect(await world.act(CHECK_ALL)).toMatchObject({
        stores: [{ code: "shopify_unreachable" }],
      });
    }
    expect((await world.factsOf("acme")).tags["state"]).toBe("dead");
    expect(told(world).map(([, code]) => code)).toEqual([
      "shopify_unreachable",
      "shopify_unreachable",
    ]);
  });

  test("says of a dead pair why it cannot be renewed", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.sweep();
    world.shopify.control.uninstall({ clientId: "erp-client", shop: "acme.myshopify.com" });
    await world.pass(2 * HOUR);
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "dead", code: "refresh_token_dead" }],
    });
  });

  test.each([
    ["AccessDeniedException", "Access to KMS is not allowed", "key_denied"],
    ["AccessDeniedException", "no", "access_denied"],
  ])("takes back that the value could not be read (%s, %s)", async (name, message, code) => {
    const world = await withCredentials();
    world.before = async ({ operation }) => {
      if (operation === "GetSecretValue") throw Object.assign(new Error(message), { name });
    };
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "failing", code, answer: code }],
    });
    world.before = async () => undefined;
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "ok", code: "", answer: "works" }],
    });
  });

  test("takes back what an earlier check said", async () => {
    const world = await withCredentials();
    world.shopify.control.changeShop({ shop: "acme.myshopify.com", state: "frozen" });
    expect(await world.act(CHECK_ALL)).toMatchObject({
      stores: [{ state: "failing", code: "shop_frozen" }],
    });
    world.shopify.control.changeShop({ shop: "acme.myshopify.com", state: "open" });
    expect(await world.act(CHECK_ALL)).toMatchObject({ stores: [{ state: "ok", code: "" }] });
    expect(told(world)).toEqual([
      ["worse", "shop_frozen"],
      ["mended", "shop_frozen"],
    ]);
  });
});

describe("what works and yet needs a person is told once", () => {
  const PINNED = { on: "admin-api", answer: "address-not-allowed" } as const;

  test("a check that says so at every renewal, and that it is over", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.sweep();
    world.shopify.control.break(PINNED);
    await world.pass(DAY);
    expect(told(world)).toEqual([["worse", "ip_not_allowed"]]);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "ok",
      "last-error-code": "ip_not_allowed",
    });
    world.shopify.control.mend({});
    await world.pass(HOUR);
    expect(told(world)).toEqual([
      ["worse", "ip_not_allowed"],
      ["mended", "ip_not_allowed"],
    ]);
  });

  test("a check that says so of a pair that was taken up, and of a migrated one", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring", holds: "none" });
    await world.add("partner", { kind: "offline" });
    await world.sweep();
    await world.declare("partner", { kind: "offline-expiring" });
    const record = await world.obtain("acme", "offline-expiring");
    const install = { ...record, checked: "untried" } as const;
    await world.put(world.arnOf("acme"), install, ["SHOPIFY_SECRETS_INSTALLING"]);
    world.shopify.control.break(PINNED);
    await world.act({ action: "migrate", store: "partner" as never });
    await world.pass(3 * HOUR);
    const notices = world.notices.map(({ store, turn, code }) => [store, turn, code]).sort();
    expect(notices).toEqual([
      ["acme", "worse", "ip_not_allowed"],
      ["partner", "worse", "ip_not_allowed"],
    ]);
  });

  test("a lost scope, and its return", async () => {
    const world = await FleetStand.create();
    const owner = { clientId: "erp-client", shop: "acme.myshopify.com" };
    await world.add("acme", { kind: "offline" });
    await world.sweep();
    world.shopify.control.changeScopes({ ...owner, scopes: ["read_products"] });
    await world.pass(3 * DAY);
    expect(told(world)).toEqual([["worse", "scope_missing"]]);
    world.shopify.control.changeScopes({ ...owner, scopes: ["read_products", "write_orders"] });
    await world.pass(DAY);
    expect(told(world).at(-1)).toEqual(["mended", "scope_missing"]);
  });

  test("a refresh token near its end", async () => {
    const world = await FleetStand.create();
    await world.add("acme", { kind: "offline-expiring" });
    await world.sweep();
    const Tags = [{ Key: "shopify-secrets:refresh-expires-at", Value: "2026-11-12T00:00:00Z" }];
    await world.model.handle("TagResource", { SecretId: world.arnOf("acme"), Tags });
    await world.sweep();
    await world.sweep();
    expect(told(world)).toEqual([["worse", "refresh_token_ending"]]);
    await world.pass(HOUR);
    expect(told(world).at(-1)).toEqual(["mended", "refresh_token_ending"]);
  });
});

describe("a pending version that the sweep cannot drop", () => {
  async function stuck(): Promise<FleetStand> {
    const world = await withCredentials();
    const { record } = await world.currentOf("acme");
    await world.put(world.arnOf("acme"), record, ["AWSPENDING"]);
    world.plan = ({ operation }) =>
      operation === "UpdateSecretVersionStage" ? "fails_before" : undefined;
    return world;
  }

  test("is rotation_stuck when that lasts, and not at the first failure", async () => {
    const world = await stuck();
    await world.pass(40 * MINUTE);
    expect((await world.factsOf("acme")).tags["state"]).toBe("ok");
    await world.pass(30 * MINUTE);
    expect((await world.factsOf("acme")).tags).toMatchObject({
      state: "failing",
      "last-error-code": "rotation_stuck",
    });
    expect(told(world)).toEqual([["worse", "rotation_stuck"]]);
    expect(world.lines.join()).toContain("sweep.pending_stays");
  });

  test("is dropped by the next sweep that can", async () => {
    const world = await stuck();
    await world.pass(40 * MINUTE);
    world.plan = () => undefined;
    await world.pass(10 * MINUTE);
    expect(Object.values((await world.factsOf("acme")).labels).flat()).not.toContain("AWSPENDING");
    expect(told(world)).toEqual([]);
  });
});
