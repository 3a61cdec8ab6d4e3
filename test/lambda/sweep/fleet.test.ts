import type { AppKey } from "../../../contract/brands";
import { METRICS } from "../../../contract/metrics";
import { epochMs } from "../../../contract/time";
import { slotBefore } from "../../../lambda/sweep/plan";
import { createRateLimitedPort } from "../../../lambda/sweep/rate-limited-port";
import { sweep } from "../../../lambda/sweep/sweep";
import { DAY, HOUR, MINUTE, shopOf } from "../../simulation/stage";
import { FleetStand, START } from "../stand/fleet-stand";
import { Invocation } from "../stand/stand";

const PAIR = { kind: "offline-expiring" } as const;

const mixed = async (): Promise<FleetStand> => {
  const world = await FleetStand.create();
  await world.add("pair", PAIR);
  await world.add("credentials", { kind: "client-credentials" });
  await world.add("custom", { kind: "custom-app" });
  await world.add("endless", { kind: "offline" });
  await world.add("waiting", { ...PAIR, holds: "none" });
  return world;
};

const operations = (world: FleetStand) => world.calls.map(({ operation }) => operation);

test("a sweep over a fleet in order reads no value, and writes only that it passed", async () => {
  const world = await mixed();
  await world.sweep();
  world.clock.now += 10 * MINUTE;
  world.calls.length = 0;
  expect(await world.sweep()).toMatchObject({ stores: 5, renewed: 0, checked: 0, failed: 0 });
  expect(operations(world).sort()).toEqual(["ListSecrets", "ListSecrets", "TagResource"]);
  expect((await world.factsOf("credentials")).tags["swept-at"]).toBe("2026-11-01T00:10:00Z");
});

test("what a sweep learns is in the tags afterwards", async () => {
  const world = await mixed();
  await world.sweep();
  const { tags } = await world.factsOf("pair");
  const { versionId } = await world.currentOf("pair");
  expect(tags).toMatchObject({ version: versionId, "expires-at": "2026-11-01T01:00:00Z" });
});

test("one failed store never stops another", async () => {
  const world = await FleetStand.create();
  for (const key of ["first", "second", "third"]) await world.add(key, PAIR);
  await world.add("foreign", PAIR);
  await world.model.handle("UpdateSecret", {
    SecretId: world.arnOf("foreign"),
    Description: "edited by hand",
  });
  await world.model.handle("PutSecretValue", {
    SecretId: world.arnOf("second"),
    ClientRequestToken: world.model.newToken(),
    SecretString: "no record",
  });
  await world.pass(HOUR);
  expect(await world.isAlive("first")).toBe(true);
  expect(await world.isAlive("third")).toBe(true);
  expect((await world.factsOf("second")).tags).toMatchObject({
    state: "failing",
    "last-error-code": "record_malformed",
  });
  expect((await world.factsOf("foreign")).tags).toMatchObject({
    state: "failing",
    "last-error-code": "declaration_malformed",
  });
});

test("a failure that stays the same is written once an hour, not at every sweep", async () => {
  const world = await FleetStand.create();
  await world.add("acme", PAIR);
  await world.pass(HOUR);
  world.shopify.control.break({ on: "token-endpoint", answer: 503 });
  await world.pass(3 * HOUR);
  world.calls.length = 0;
  await world.pass(4 * HOUR);
  const writes = world.calls.filter(({ operation, input }) => {
    return operation === "TagResource" && !JSON.stringify(input).includes("swept-at");
  });
  expect(writes.length).toBeLessThanOrEqual(5);
});

test("a fleet that is larger than one run can do is worked off in order of urgency", async () => {
  const world = await FleetStand.create();
  const keys = Array.from({ length: 12 }, (_, index) => `store-${String(index).padStart(2, "0")}`);
  for (const key of [...keys].reverse()) {
    await world.add(key, PAIR);
    world.clock.now += MINUTE;
  }
  await world.sweep();
  world.clock.now += 30 * MINUTE;
  // Shopify takes so long that a run ends after a few stores.
  world.storesAtOnce = 1;
  world.budgetMs = 60_000;
  const order: string[] = [];
  const deps = () => {
    const victim = new Invocation(world.budgetMs);
    const made = world.deps(victim);
    return {
      ...made,
      send: async (...request: Parameters<typeof made.send>) => {
        if (request[0].path.endsWith("access_token")) order.push(request[0].shop);
        await victim.pause(6_000);
        return await made.send(...request);
      },
    };
  };
  const first = await sweep(deps());
  expect(first.left).toBeGreaterThan(0);
  expect(first.renewed).toBeGreaterThan(0);
  let left = first.left;
  for (let run = 0; left > 0 && run < 10; run += 1) left = (await sweep(deps())).left;
  expect(left).toBe(0);
  expect(order).toEqual([...keys].reverse().map(shopOf));
});

test("no more stores are worked on at once than the setting says", async () => {
  const world = await FleetStand.create();
  for (let index = 0; index < 9; index += 1)
    await world.add(`store-${index}`, { kind: "custom-app" });
  world.storesAtOnce = 3;
  const made = world.deps();
  let running = 0;
  let most = 0;
  const send = async (...request: Parameters<typeof made.send>) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    return await made.send(...request);
  };
  expect(await sweep({ ...made, send })).toMatchObject({ checked: 9 });
  expect(most).toBe(3);
});

test("writes keep to 25 a second, and other calls do not wait", async () => {
  const victim = new Invocation();
  const done = async () => "stored" as const;
  const port = createRateLimitedPort({ put: done, describe: done } as never, victim);
  for (let call = 0; call < 51; call += 1) await port.put("arn" as never, {} as never);
  expect(victim.waitedMs).toBeCloseTo(2_000, 5);
  await port.describe("arn" as never);
  expect(victim.waitedMs).toBeCloseTo(2_000, 5);
});

test("tags keep to 25 a second of their own, beside the writes of values", async () => {
  const victim = new Invocation();
  const port = createRateLimitedPort(
    { put: async () => "stored" as const, tag: async () => undefined } as never,
    victim,
  );
  for (let call = 0; call < 26; call += 1) await port.tag("arn" as never, {});
  expect(victim.waitedMs).toBeCloseTo(1_000, 5);
  // The time that the tags waited for is over for the values too.
  await port.put("arn" as never, {} as never);
  expect(victim.waitedMs).toBeCloseTo(1_000, 5);
});

test("the same app on the same store in another stack is a warning", async () => {
  const world = await FleetStand.create();
  await world.add("acme", PAIR);
  await world.add("other", PAIR);
  await world.add("acme", { ...PAIR, prefix: "shopify/staging", holds: "none" });
  await world.sweep();
  const warnings = world.lines.filter((line) => line.includes("sweep.same_store_elsewhere"));
  expect(warnings.map((line) => JSON.parse(line) as object)).toMatchObject([
    { store: "acme", twin: "shopify/staging/stores/acme/token" },
  ]);
  // The other stack's secrets are its own.
  expect(await world.sweep()).toMatchObject({ stores: 2 });
});

test.each([
  ["the same app under another key", { app: "shop-sync" as AppKey, clientId: "erp-client" }, 1],
  ["another app under the same key", { clientId: "staging-client" }, 0],
])("a store of another stack with %s is told apart by client ID", async (_what, twin, warnings) => {
  const world = await FleetStand.create();
  await world.add("acme", { ...PAIR, clientId: "erp-client" });
  await world.add("acme", { ...PAIR, ...twin, prefix: "shopify/staging", holds: "none" });
  await world.sweep();
  const said = world.lines.filter((line) => line.includes("sweep.same_store_elsewhere"));
  expect(said).toHaveLength(warnings);
});

test("a notice that cannot be published is told by the next sweep", async () => {
  const world = await FleetStand.create();
  await world.add("acme", { kind: "custom-app" });
  await world.sweep();
  const { record } = await world.currentOf("acme");
  world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
  const { publish } = world;
  world.publish = async () => {
    throw new Error("SNS is down");
  };
  await world.pass(DAY);
  expect((await world.factsOf("acme")).tags["state"]).toBe("dead");
  world.publish = publish;
  await world.pass(20 * MINUTE);
  expect(world.notices).toHaveLength(1);
});

test("the fleet's metrics are one line per sweep, without a dimension per store", async () => {
  const world = await mixed();
  await world.sweep();
  expect(world.metrics).toHaveLength(1);
  const [line] = world.metrics as unknown as [Record<string, unknown>];
  expect(line).toMatchObject({
    Prefix: "shopify/test",
    StoresOk: 4,
    StoresAwaiting: 1,
    SecondsToSoonestExpiry: 3_600,
    SecondsToSoonestRefreshEnd: 90 * 86_400,
    TokensUnderQuarterLife: 0,
    StaticTokensDead: 0,
    SweepHeartbeat: 1,
  });
  expect(JSON.stringify(line)).not.toContain("acme");
  await world.pass(30 * MINUTE);
  expect(world.metrics.at(-1)).toMatchObject({ RenewalsSucceeded: 1, RenewalsFailed: 0 });
});

test("each call of the token endpoint is measured, with its store and code as log fields", async () => {
  const world = await FleetStand.create();
  await world.add("acme", PAIR);
  await world.sweep();
  world.clock.now += 30 * MINUTE;
  world.shopify.control.break({ on: "token-endpoint", answer: 503, times: 1 });
  await world.sweep();
  const measured = world.lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === "shopify.token_endpoint");
  const common = {
    Prefix: "shopify/test",
    store: "acme",
    TokenEndpointLatency: expect.any(Number),
  };
  expect(measured).toMatchObject([
    { ...common, TokenEndpointRefusals: 1, code: "shopify_unreachable" },
    { ...common, TokenEndpointRefusals: 0 },
  ]);
  expect(measured[0]?.["_aws"]).toMatchObject({
    CloudWatchMetrics: [{ Namespace: "ShopifySecrets", Dimensions: [["Prefix"]] }],
  });
});

test("every metric of the list is really sent", async () => {
  const world = await mixed();
  await world.pass(30 * MINUTE);
  const lines = world.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const sent = new Set([...world.metrics, ...lines].flatMap((line) => Object.keys(line)));
  // Writes are told by the port that the runtime makes, which the simulation counts (dashboard.test.ts), and refused
  // requests by the install endpoint (security/flood.test.ts), as new stores are (install/open.test.ts).
  const { secretWrites: _, installRefusals: __, newStores: ___, ...others } = METRICS;
  const { newStoresRefused: ____, ...ofTheSweep } = others;
  for (const { name } of Object.values(ofTheSweep)) expect(sent).toContain(name);
});

test("no secret is in any line", async () => {
  const world = await mixed();
  world.shopify.control.break({ answer: 503, times: 9 });
  await world.pass(3 * HOUR);
  const text = [
    ...world.lines,
    JSON.stringify(world.metrics),
    JSON.stringify(world.notices),
  ].join();
  expect(text.length).toBeGreaterThan(1_000);
  expect(text).not.toMatch(/shp(at|ca|pa|ua|rt|ss)_\w+/);
});

test("a list that is refused fails the sweep as a whole, coded", async () => {
  const world = await mixed();
  world.plan = ({ operation }) => (operation === "ListSecrets" ? "fails_before" : undefined);
  await expect(world.sweep()).rejects.toMatchObject({ code: "secrets_manager_unreachable" });
});

test("the slot of a store is at most a day back, and the same time every day", () => {
  for (let index = 0; index < 200; index += 1) {
    const now = epochMs(START + index * 7_919_000);
    const slot = slotBefore(`store-${index}`, now);
    expect(now - slot).toBeGreaterThanOrEqual(0);
    expect(now - slot).toBeLessThan(DAY);
    expect(slotBefore(`store-${index}`, epochMs(now + DAY)) - slot).toBe(DAY);
  }
});

describe("what the operator's command asks", () => {
  test("check answers for all stores, without waiting for their turn", async () => {
    const world = await mixed();
    await world.sweep();
    const { record } = await world.currentOf("custom");
    world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
    const result = await world.act({ action: "check", stores: [], stage: "AWSCURRENT" });
    expect(result).toMatchObject({
      stores: [
        {
          store: "credentials",
          state: "ok",
          code: "",
          scope: expect.stringContaining("write_orders"),
        },
        { store: "custom", kind: "custom-app", state: "dead", code: "token_dead" },
        { store: "endless", state: "ok", code: "" },
        { store: "pair", state: "ok", code: "", expiresAt: "2026-11-01T01:00:00Z" },
        { store: "waiting", state: "awaiting_merchant", code: "" },
      ],
    });
    expect((await world.factsOf("custom")).tags["state"]).toBe("dead");
  });

  test("check of the previous version writes no status", async () => {
    const world = await mixed();
    await world.sweep();
    const { record } = await world.currentOf("custom");
    world.shopify.control.revokeToken({ accessToken: record.accessToken.unseal() });
    await world.put(world.arnOf("custom"), await world.obtain("custom", "custom-app"));
    const before = (await world.factsOf("custom")).tags;
    const result = await world.act({
      action: "check",
      stores: ["custom" as never],
      stage: "AWSPREVIOUS",
    });
    expect(result).toMatchObject({ stores: [{ store: "custom", code: "token_dead" }] });
    expect((await world.factsOf("custom")).tags).toEqual(before);
  });

  test("renew renews a pair now, and says when it is too early", async () => {
    const world = await mixed();
    await world.sweep();
    const request = { action: "renew", stores: ["pair" as never] } as const;
    expect(await world.act(request)).toMatchObject({ stores: [{ code: "version_budget_spent" }] });
    world.clock.now += 20 * MINUTE;
    const result = await world.act(request);
    const { versionId } = await world.currentOf("pair");
    expect(result).toMatchObject({
      stores: [
        { store: "pair", state: "ok", code: "", versionId, expiresAt: "2026-11-01T01:20:00Z" },
      ],
    });
  });

  test("a store that the stack does not have is named", async () => {
    const world = await mixed();
    const check = { action: "check", stores: ["nobody" as never], stage: "AWSCURRENT" } as const;
    await expect(world.act(check)).rejects.toMatchObject({ code: "secret_not_found" });
  });
});
