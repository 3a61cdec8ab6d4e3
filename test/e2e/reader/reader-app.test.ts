import { RotateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EpochMs, epochMs, HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { createReaderUser } from "../../../local/demo/reader-user";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import { startWorld, type World } from "../../../local/world/world";
import { DeclaredStack } from "../infra/declared-stack";
import { type Counted, type ReaderApp, startReaderApp } from "./reader-app";
import { createPathTo, type SeverablePath } from "./severable-path";

jest.setTimeout(900_000);

// Every sweep and every step of a rotation runs a real function here, so the test suite takes a small fleet through two
// rotations; `READER_PROOF=full` takes fifty stores through 48 hours. test/reader/two-days.test.ts has that size in one process.
const FULL = process.env["READER_PROOF"] === "full";
const WORKERS = 200;
const HOURS = FULL ? 48 : 17;
const STORES = Array.from(
  { length: FULL ? 50 : 6 },
  (_, index) => `store-${String(index).padStart(2, "0")}`,
);
const SCOPES = ["read_orders", "write_products"];
const { clientId, clientSecret } = DEV_APPS.fulfilment;
const shopOf = (store: string) => `${store}.myshopify.com`;
const CALLER = "reader-app";

/**
 * The example application, 200 workers over 50 stores, through 48 hours of rotations, an outage of Secrets Manager
 * and a revoked token. The tests of this file build on each other.
 */
describe("an application reads through two days", () => {
  let world: World;
  let stores: Readonly<Record<string, StoreOutput>>;
  let path: SeverablePath;
  let app: ReaderApp;
  let counted: Counted;
  let revocation: { readonly shop: string; readonly renewedAt: EpochMs };

  beforeAll(async () => {
    world = await startWorld();
    stores = await provision(world);
    path = await createPathTo(world.front.url);
    const policies = Object.values(stores).map(({ readerPolicy }) => readerPolicy);
    const credentials = await createReaderUser(world, CALLER, policies);
    const awsUrl = path.url;
    app = await startReaderApp(world, {
      stores,
      credentials,
      awsUrl,
      workers: WORKERS,
      pauseMs: 3_000,
    });
    await callsFrom(world.clock.now(), STORES.length);
  });

  afterAll(async () => {
    app?.kill();
    await path?.close();
    await world?.stop();
  });

  /** Waits until so many calls of the application came after a moment. */
  async function callsFrom(since: number, wanted: number): Promise<void> {
    const giveUpAt = performance.now() + 120_000;
    for (;;) {
      const { served, refused } = world.shopify.imitation.control.countCalls({
        since,
        caller: CALLER,
      });
      if (served + refused >= wanted) return;
      const why = app.failure();
      if (why !== undefined) throw new Error(why);
      if (performance.now() > giveUpAt) throw new Error("the application makes no calls any more");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Goes through everything that is due until a moment, and lets the application call after each step. */
  async function goOnUntil(end: number): Promise<void> {
    for (;;) {
      const due = await world.driver.nextDueAt();
      if (due === undefined || due > end) break;
      const ticks = await world.driver.moveTo(due);
      if (ticks.some(({ source }) => source === "rotation")) {
        await callsFrom(world.clock.now(), STORES.length);
      }
    }
    await world.driver.moveTo(epochMs(end));
  }

  test("hours of rotations, then an outage of Secrets Manager of ten minutes", async () => {
    await goOnUntil(world.clock.now() + (HOURS / 3) * HOUR_MS);
    path.cut();
    for (let minute = 0; minute < 10; minute += 1) {
      await world.driver.advance(MINUTE_MS);
      await callsFrom(world.clock.now(), STORES.length);
    }
    path.mend();
    await callsFrom(world.clock.now(), STORES.length);
    expect(app.failure()).toBeUndefined();
  });

  test("a token is revoked, and renewed a moment later", async () => {
    await goOnUntil(world.clock.now() + (HOURS / 3) * HOUR_MS);
    const [store = ""] = STORES;
    const { secretArn = "" } = stores[store] ?? {};
    const { control } = world.shopify.imitation;
    const before = await readRecord(world, secretArn);
    const revokedAt = world.clock.now();
    control.revokeToken({ accessToken: before.record.accessToken.unseal() });
    await until(
      () =>
        control.countCalls({ shop: shopOf(store), since: revokedAt, caller: CALLER }).refused > 0,
    );
    const client = new SecretsManagerClient(clientConfigOf(world));
    await client.send(new RotateSecretCommand({ SecretId: secretArn }));
    client.destroy();
    await until(async () => (await readRecord(world, secretArn)).versionId !== before.versionId);
    revocation = { shop: shopOf(store), renewedAt: world.clock.now() };
    await callsFrom(world.clock.now(), 4 * STORES.length);
  });

  test("no call failed, except while that one store had no live token", async () => {
    await goOnUntil(world.clock.now() + (HOURS / 3) * HOUR_MS);
    await world.driver.advance(6 * MINUTE_MS); // past the age limit: whoever still held an old token reads
    await callsFrom(world.clock.now(), 4 * STORES.length);
    counted = await app.finish();
    const { shop, renewedAt } = revocation;
    const unexpected = counted.failures.filter(
      (failure) =>
        failure.shop !== shop || failure.outcome !== "401" || failure.startedAt > renewedAt,
    );
    expect(unexpected).toEqual([]);
    expect(counted.failures.length).toBeGreaterThan(0);
    expect(counted.served).toBeGreaterThan(1_000);
  });

  test("every renewal was taken up, and reading went on through the outage", async () => {
    const { control } = world.shopify.imitation;
    const calls = control.countCalls({ caller: CALLER });
    const { events } = counted;
    expect(calls.distinctTokens).toBeGreaterThan(2 * STORES.length);
    expect(events["outage.served"]).toBeGreaterThan(0);
    expect(events["batch.denied"]).toBeUndefined();
    expect(events["store.evicted"]).toBeUndefined();
  });
});

/** 50 stores of one app, known at the imitation of Shopify and provisioned by the real engine. */
async function provision(world: World): Promise<Readonly<Record<string, StoreOutput>>> {
  const { control } = world.shopify.imitation;
  for (const shop of STORES.map(shopOf)) {
    control.addShop({ shop });
    control.install({ clientId, shop, scopes: SCOPES });
  }
  const stack = new DeclaredStack(world);
  await stack.must(stack.engine.run(["stack", "init"]));
  const declared = STORES.map((store) => [
    store,
    { kind: "client-credentials", app: "fulfilment", shop: shopOf(store), scopes: SCOPES },
  ]);
  stack.declare({
    apps: { fulfilment: { clientId } },
    clientSecrets: { fulfilment: clientSecret },
    stores: Object.fromEntries(declared),
  });
  await stack.must(stack.up());
  return stack.stores();
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error("what was waited for did not come");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
