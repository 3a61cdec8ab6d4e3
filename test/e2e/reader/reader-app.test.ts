import { RotateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type EpochMs, epochMs, HOUR_MS, MINUTE_MS } from "../../../contract/time";
import { createReaderUser } from "../../../local/demo/reader-user";
import { readRecord } from "../../../local/demo/records";
import { clientConfigOf } from "../../../local/demo/root-client";
import type { StoreOutput } from "../../../local/demo/stack";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { blocksOf } from "../../docs/code-blocks";
import { beginWorld } from "../begin-world";
import { DeclaredStack } from "../infra/declared-stack";
import { until } from "../until";
import { CallJudge } from "./call-judge";
import { type Counted, type ReaderApp, startReaderApp } from "./reader-app";
import { createPathTo, type SeverablePath } from "./severable-path";

// Every sweep and every step of a rotation runs a real function here, so that two days of fifty stores take minutes.
const WORKERS = 200;
const HOURS = 48;
const STORES = Array.from({ length: 50 }, (_, index) => `store-${String(index).padStart(2, "0")}`);
const SCOPES = ["read_orders", "write_products"];
const { clientId, clientSecret } = DEV_APPS.fulfilment;
const shopOf = (store: string) => `${store}.myshopify.com`;
const SHOPS = STORES.map(shopOf);
const CALLER = "reader-app";
/** How long a worker rests between two calls, in real time: calling costs the machine what the functions need. */
const PAUSE_MS = 12_000;
/** Every store is called at least once in so much of the world's time, so that no token passes unused. */
const CALLED_EVERY_MS = 2 * HOUR_MS;

/**
 * The example application, 200 workers over all stores, through days of rotations, an outage of Secrets Manager and a
 * revoked token. The tests of this file build on each other.
 */
describe("an application reads through days of rotations", () => {
  let world: World;
  let stores: Readonly<Record<string, StoreOutput>>;
  let credentials: Awaited<ReturnType<typeof createReaderUser>>;
  let path: SeverablePath;
  let app: ReaderApp;
  let judge: CallJudge;
  let revocation: { readonly shop: string; readonly renewedAt: EpochMs };

  beforeAll(async () => {
    world = await beginWorld("2026-11-29T12:05:00Z");
    judge = new CallJudge(world, CALLER);
    const provisioned = await provision(world);
    stores = provisioned.stores;
    path = await createPathTo(world.front.url);
    credentials = await createReaderUser(world, CALLER, [policyOfTheDocs(provisioned.kmsKeyArn)]);
    app = await startReaderApp(world, {
      stores,
      credentials,
      awsUrl: path.url,
      workers: WORKERS,
      pauseMs: PAUSE_MS,
    });
    await everyStoreIsCalled();
  });

  afterAll(async () => {
    app?.kill();
    await path?.close();
    await world?.stop();
  });

  /** Waits until the application called every store after this moment. */
  async function everyStoreIsCalled(): Promise<void> {
    const since = world.clock.now();
    await until(() => {
      const why = app.failure();
      if (why !== undefined) throw new Error(why);
      return SHOPS.every((shop) => (judge.lastCallTo(shop) ?? 0) > since);
    });
  }

  /** Goes through everything that is due in a time; the application calls on all the while. */
  async function goOn(spanMs: number): Promise<void> {
    const end = world.clock.now() + spanMs;
    while (world.clock.now() < end) {
      await world.driver.moveTo(epochMs(Math.min(end, world.clock.now() + CALLED_EVERY_MS)));
      await everyStoreIsCalled();
    }
  }

  test("hours of rotations, then an outage of Secrets Manager of ten minutes", async () => {
    await goOn((HOURS / 3) * HOUR_MS);
    path.cut();
    for (let minute = 0; minute < 10; minute += 1) {
      await world.driver.advance(MINUTE_MS);
      await everyStoreIsCalled();
    }
    path.mend();
    await everyStoreIsCalled();
  });

  test("a token is revoked, and renewed a moment later", async () => {
    await goOn((HOURS / 3) * HOUR_MS);
    const [store = ""] = STORES;
    const { secretArn = "" } = stores[store] ?? {};
    const before = await readRecord(world, secretArn);
    judge.collect();
    const refusedBefore = judge.refused;
    world.shopify.imitation.control.revokeToken({
      accessToken: before.record.accessToken.unseal(),
    });
    await until(() => {
      judge.collect();
      return judge.refused > refusedBefore;
    });
    const client = new SecretsManagerClient(clientConfigOf(world));
    await client.send(new RotateSecretCommand({ SecretId: secretArn }));
    client.destroy();
    await until(async () => (await readRecord(world, secretArn)).versionId !== before.versionId);
    revocation = { shop: shopOf(store), renewedAt: world.clock.now() };
    await everyStoreIsCalled();
  });

  test("no call failed, except while that one store had no live token; every token was used", async () => {
    await goOn((HOURS / 3) * HOUR_MS);
    await world.driver.advance(6 * MINUTE_MS); // past the age limit: whoever still held an old token reads
    await everyStoreIsCalled();
    const counted = await app.finish();
    judge.collect();
    const { shop, renewedAt } = revocation;
    const unexpected = counted.failures.filter(
      (failure) =>
        failure.shop !== shop || failure.outcome !== "401" || failure.startedAt > renewedAt,
    );
    expect(unexpected).toEqual([]);
    expect(counted.failures.length).toBeGreaterThan(0);
    expect(judge.served).toBeGreaterThanOrEqual(counted.served);
    expect([...judge.handedOut].filter((token) => !judge.used.has(token))).toEqual([]);
    // Each store's first token, and one more every eight hours, at a time within a window of one.
    expect(judge.used.size).toBeGreaterThanOrEqual(STORES.length * (1 + Math.floor(HOURS / 9)));
    expectEventsOf(counted);
    expectReadsOf(counted);
  });

  function expectEventsOf({ events }: Counted): void {
    expect(events["outage.served"]).toBeGreaterThan(0);
    expect(events["token.rotated"]).toBe(judge.used.size - STORES.length);
    expect(events["batch.denied"]).toBeUndefined();
    expect(events["store.evicted"]).toBeUndefined();
    // The policy suffices. (A request that is on its way while the clock is moved has an old signature: credentials_missing.)
    expect(events["load.failed: access_denied"]).toBeUndefined();
    expect(events["load.failed: key_denied"]).toBeUndefined();
  }

  /** Reading costs less than calling, although nearly every step of the clock passes the age limit. */
  function expectReadsOf(counted: Counted): void {
    const { accessKeyId } = credentials;
    const reads = world.front.calls().filter((call) => call.accessKeyId === accessKeyId);
    report(counted, reads.length);
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThan(counted.served);
  }

  /** The figures, for whoever runs the full size. */
  function report(counted: Counted, reads: number): void {
    const line = [
      `${WORKERS} workers, ${STORES.length} stores, ${HOURS} h`,
      `${counted.served} calls served, ${counted.failures.length} refused while one store had no live token`,
      `${judge.used.size} distinct tokens, ${reads} reads of Secrets Manager`,
      `events ${JSON.stringify(counted.events)}`,
    ].join("; ");
    process.stdout.write(`${line}\n`);
  }
});

/** The policy that docs/consuming.md has for an application of all stores, in this account. */
function policyOfTheDocs(kmsKeyArn: string): string {
  const [policy = ""] = blocksOf("docs/consuming.md")
    .map(({ code }) => code)
    .filter((code) => code.includes("kms:Decrypt"));
  return policy
    .replaceAll(/arn:aws:kms:[^"]+/g, kmsKeyArn)
    .replaceAll("eu-west-1", "us-east-1")
    .replaceAll("111122223333", "000000000000")
    .replaceAll("shopify/prod/", "shopify/dev/");
}

/** Stores of one app, known at the imitation of Shopify and provisioned by the real engine. */
async function provision(world: World) {
  const { control } = world.shopify.imitation;
  for (const shop of SHOPS) {
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
  const kmsKeyArn = await stack.must(stack.engine.run(["stack", "output", "kmsKeyArn"]));
  return { stores: await stack.stores(), kmsKeyArn: kmsKeyArn.trim() };
}
