import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { epochMs, HOUR_MS, MINUTE_MS } from "../../contract/time";
import { type Application, startApplication } from "../../local/demo/applications";
import { createReaderUser } from "../../local/demo/reader-user";
import { readRecord } from "../../local/demo/records";
import { clientConfigOf } from "../../local/demo/root-client";
import { DevStack, type StoreOutput } from "../../local/demo/stack";
import { DEV_APPS } from "../../local/world/dev-fixtures";
import { startWorld, type World } from "../../local/world/world";
import { runAsRole } from "./run-as-role";

jest.setTimeout(600_000);

const SHOP = "partner.myshopify.com";
const STEP = 5 * MINUTE_MS;
/** The calls that the application makes before the world goes on. */
const CALLS_A_STEP = 6;

/** One-hour pairs on the real engine, with IAM enforced. The tests of this file build on each other. */
describe("migrate, sweep, read", () => {
  let world: World;
  let stack: DevStack;
  let lambda: LambdaClient;
  let partner: StoreOutput;
  let application: Application;

  beforeAll(async () => {
    world = await startWorld();
    stack = new DevStack(world);
    lambda = new LambdaClient(clientConfigOf(world));
    await stack.init();
    expect((await stack.up()).exitCode).toBe(0);
    partner = (await stack.stores())["partner"] as StoreOutput;
  });

  afterAll(async () => {
    application?.kill();
    lambda?.destroy();
    await world?.stop();
  });

  const ask = async (event: object): Promise<unknown> => {
    const Payload = JSON.stringify(event);
    const reply = await lambda.send(
      new InvokeCommand({ FunctionName: "shopify-dev-sweep", Payload }),
    );
    return JSON.parse(Buffer.from(reply.Payload ?? []).toString("utf8"));
  };
  const control = () => world.shopify.imitation.control;
  const lifeNow = async () => {
    const { record } = await readRecord(world, partner.secretArn);
    return control().tokenLife({ accessToken: record.accessToken.unseal() });
  };

  /** Lets time pass under the application, and counts the moments in which AWSCURRENT was dead. */
  const pass = async (milliseconds: number): Promise<number> => {
    const end = world.clock.now() + milliseconds;
    let dead = 0;
    while (world.clock.now() < end) {
      await world.driver.moveTo(epochMs(Math.min(end, world.clock.now() + STEP)));
      if ((await lifeNow()).death !== null) dead += 1;
      await awaitCalls(world, application);
    }
    return dead;
  };

  test("a migration that config does not permit is refused, and the token stays", async () => {
    expect(await ask({ action: "migrate", store: "partner" })).toMatchObject({
      errorType: "CodedError",
      errorMessage: expect.stringMatching(
        /^migration_not_declared: .*Next: set .*offline-expiring/,
      ),
    });
    expect((await lifeNow()).death).toBeNull();
  });

  test("what is not the function's event is refused", async () => {
    expect(await ask({ action: "migrate", store: "partner", force: true })).toMatchObject({
      errorMessage: expect.stringMatching(/^event_malformed: /),
    });
  });

  test("once config permits it, the command turns the token into a pair", async () => {
    await stack.must([
      "config",
      "set",
      "--path",
      "shopify-secrets:stores.partner.kind",
      "offline-expiring",
    ]);
    await stack.must(["config", "rm", "--path", "shopify-secrets:accessTokens.partner"]);
    const before = await readRecord(world, partner.secretArn);
    const up = await stack.up();
    expect(up.output).not.toMatch(/\berror:/);
    expect(up.exitCode).toBe(0);
    expect((await readRecord(world, partner.secretArn)).versionId).toBe(before.versionId);
    const result = await ask({ action: "migrate", store: "partner" });
    const after = await readRecord(world, partner.secretArn);
    expect(result).toMatchObject({ outcome: "migrated", versionId: after.versionId });
    expect(JSON.stringify(result)).not.toMatch(/shp(at|ca|pa|ua|rt|ss)_/);
    expect(after.record).toMatchObject({ kind: "offline-expiring", shop: SHOP });
    expect(control().tokenLife({ accessToken: before.record.accessToken.unseal() }).death).toBe(
      "migrated",
    );
    expect(await ask({ action: "migrate", store: "partner" })).toMatchObject({
      outcome: "already_migrated",
    });
  });

  test("hours of one-hour tokens pass under an application, and no call is refused", async () => {
    const credentials = await createReaderUser(world, "application", [partner.readerPolicy]);
    const stores = { partner };
    application = startApplication(world, { name: "application", stores, credentials });
    control().clearCalls();
    const before = (await readRecord(world, partner.secretArn)).versionId;
    expect(await pass(4 * HOUR_MS)).toBe(0);
    expect((await readRecord(world, partner.secretArn)).versionId).not.toBe(before);
    const calls = control().countCalls({ shop: SHOP });
    expect(calls).toMatchObject({ refused: 0, withDeadToken: 0 });
    expect(calls.distinctTokens).toBeGreaterThanOrEqual(7);
  });

  test("a lost refresh reply and an outage of 20 minutes refuse no call either", async () => {
    control().clearCalls();
    control().break({ on: "token-endpoint", answer: "drop", when: "after-effect", times: 4 });
    expect(await pass(HOUR_MS)).toBe(0);
    control().mend({});
    const outage = control().break({ on: "token-endpoint", answer: 503 });
    expect(await pass(20 * MINUTE_MS)).toBe(0);
    control().mend(outage);
    expect(await pass(HOUR_MS)).toBe(0);
    expect(control().countCalls({ shop: SHOP })).toMatchObject({ refused: 0, withDeadToken: 0 });
  });

  test("after an outage of 90 minutes the next sweep brings a good token, without hands", async () => {
    control().break({ on: "token-endpoint", answer: 503 });
    await world.driver.advance(90 * MINUTE_MS);
    expect((await lifeNow()).death).toBe("expired");
    control().mend({});
    await world.driver.advance(10 * MINUTE_MS);
    expect((await lifeNow()).death).toBeNull();
    expect(await ask({ action: "check", stores: ["partner"] })).toMatchObject({
      stores: [{ store: "partner", state: "ok", code: "" }],
    });
  });

  test("after an uninstall the check says what to do, and the other stores are well", async () => {
    control().uninstall({ clientId: DEV_APPS.catalog.clientId, shop: SHOP });
    await world.driver.advance(2 * HOUR_MS);
    expect(await ask({ action: "check", stores: [] })).toMatchObject({
      stores: [
        { store: "acme", state: "ok" },
        { store: "heritage", state: "ok" },
        { store: "partner", code: "token_dead" },
      ],
    });
  });

  test("the sweep's role is refused outside its prefix", async () => {
    const client = new SecretsManagerClient(clientConfigOf(world));
    const outside = await client.send(
      new CreateSecretCommand({ Name: "shopify/other/stores/acme/token", SecretString: "{}" }),
    );
    client.destroy();
    expect(await runAsRole(world, "sweep", partner.secretArn)).toBe("allowed");
    expect(await runAsRole(world, "sweep", outside.ARN ?? "")).toMatch(/^AccessDeniedException: /);
  });

  test("after all of this Pulumi sees no change", async () => {
    const { exitCode } = await stack.engine.run(["preview", "--refresh", "--expect-no-changes"]);
    expect(exitCode).toBe(0);
  });
});

/** Waits until the application has called often enough since now. */
async function awaitCalls(world: World, application: Application): Promise<void> {
  const since = world.clock.now();
  for (let turn = 0; turn < 3_000; turn += 1) {
    const { served, refused } = world.shopify.imitation.control.countCalls({ since });
    if (served + refused >= CALLS_A_STEP) return;
    const failure = application.failure();
    if (failure !== undefined) throw new Error(`the application ended: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the application makes no calls any more");
}
