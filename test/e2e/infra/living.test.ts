import {
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { sweepScheduleName } from "../../../contract/names";
import { DAY_MS, MINUTE_MS } from "../../../contract/time";
import { invokeFunction } from "../../../local/aws/invoke";
import { clientConfigOf } from "../../../local/demo/root-client";
import { DEV_STORES } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import { beginWorld } from "../begin-world";
import { changesIn, DeclaredStack } from "./declared-stack";
import { describeSecret, historyOf } from "./secret-history";

const { heritage } = DEV_STORES;
const STORE = { kind: heritage.kind, shop: heritage.shop };
const CONFIG = {
  recoveryWindowDays: 0,
  accessTokens: { heritage: heritage.accessToken },
  stores: { heritage: STORE },
};

/** What people do to a stack over the years, on the real engine. */
describe("a stack that lives on", () => {
  const SWEEPS_BESIDE = /sweep-policy created|heritage-(?:secret|enrolment) (?:creating|created)/;
  const SWEEP = "arn:aws:lambda:us-east-1:000000000000:function:shopify-dev-sweep";
  const WAKING = /shopify-dev2-enrol was asleep, because nobody had called it/;
  let world: World;
  let stack: DeclaredStack;
  let arn = "";
  let wakesAt = 0;
  let firstUp: string;
  /** Sweeps amid the first deployment: one beside each of its steps. */
  const sweeps: Promise<unknown>[] = [];

  beforeAll(async () => {
    world = await beginWorld("2026-12-02T10:05:00Z", { switches: { listLagMs: 0 } });
    stack = new DeclaredStack(world, {
      onLine: (line) => {
        if (arn === "" && SWEEPS_BESIDE.test(line)) {
          sweeps.push(invokeFunction(world.front, SWEEP, { action: "sweep" }).catch(String));
        }
        // It wakes within two minutes, which nobody has to sit out.
        if (WAKING.test(line) && wakesAt === 0) {
          wakesAt = world.clock.now() + 2 * MINUTE_MS;
          void world.driver.advance(2 * MINUTE_MS);
        }
      },
    });
    stack.declare(CONFIG);
    await stack.must(stack.engine.run(["stack", "init"]));
    firstUp = await stack.must(stack.up());
    arn = (await stack.stores())["heritage"]?.secretArn ?? "";
  });

  afterAll(() => world?.stop());

  test("begins with sweeps beside its first deployment, which do no harm", async () => {
    expect(sweeps.length).toBeGreaterThanOrEqual(3);
    const answers = await Promise.all(sweeps);
    // Some come before the function's rights are believed; one at least passes.
    expect(answers.filter((answer) => typeof answer === "object").length).toBeGreaterThan(0);
    expect(firstUp).not.toContain("error:");
    const { Tags = [], VersionIdsToStages = {} } = await describeSecret(world, arn);
    expect(Tags).toContainEqual({ Key: "shopify-secrets:state", Value: "ok" });
    expect(Object.values(VersionIdsToStages)).toEqual([["AWSCURRENT"]]);
    expect(Tags.map(({ Key }) => Key)).not.toContain("shopify-secrets:noticed");
  });

  test("is not deployed under a changed prefix: nothing is touched, and the line to set keeps everything", async () => {
    const before = await historyOf(world, arn);
    stack.declare({ ...CONFIG, prefix: "shopify/dev2" });
    for (const run of [await stack.preview(), await stack.up()]) {
      expect(run.exitCode).not.toBe(0);
      expect(run.output).toContain("pulumi config set shopify-secrets:prefix shopify/dev");
      expect(changesIn(run.output)).toEqual([]);
    }
    expect(await historyOf(world, arn)).toEqual(before);
    stack.declare({ ...CONFIG, prefix: "shopify/dev" });
    await stack.must(stack.preview("--expect-no-changes"));
  });

  test("moves on purpose: the store is enrolled anew under the other name, and the old secret goes", async () => {
    stack.declare({ ...CONFIG, prefix: "shopify/dev2", abandonPrefix: "shopify/dev" });
    await stack.must(stack.up());
    const { heritage: moved } = await stack.stores();
    expect(moved?.secretName).toBe("shopify/dev2/stores/heritage/token");
    await expect(world.secrets.handle("DescribeSecret", { SecretId: arn })).rejects.toThrow();
    stack.declare({ ...CONFIG, prefix: "shopify/dev2" });
    await stack.must(stack.preview("--expect-no-changes"));
  });

  test("enrols a store also where nobody has called its enrol function for weeks: the up waits until it is awake", async () => {
    await switchSweepOff(world);
    await world.driver.advance(20 * DAY_MS);
    world.shopify.imitation.control.addShop({ shop: "fresh.myshopify.com" });
    const fresh = { kind: "offline", shop: "fresh.myshopify.com" };
    stack.declare({ ...CONFIG, prefix: "shopify/dev2", stores: { heritage: STORE, fresh } });
    const output = await stack.must(stack.up());
    expect(output).toMatch(WAKING);
    expect(output).toMatch(/fresh: the store has no access token yet/);
    expect(changesIn(output)).toContain("+ aws:lambda:Invocation fresh-enrolment");
    await stack.must(stack.preview("--expect-no-changes"));
  });
});

/** As somebody does who wants no more calls at Shopify for a while; the daily call that keeps functions awake goes with it. */
async function switchSweepOff(world: World): Promise<void> {
  const scheduler = new SchedulerClient(clientConfigOf(world));
  const Name = sweepScheduleName("shopify/dev2");
  const { ScheduleExpression, Target, FlexibleTimeWindow } = await scheduler.send(
    new GetScheduleCommand({ Name }),
  );
  await scheduler.send(
    new UpdateScheduleCommand({
      Name,
      ScheduleExpression,
      Target,
      FlexibleTimeWindow,
      State: "DISABLED",
    }),
  );
  scheduler.destroy();
}
