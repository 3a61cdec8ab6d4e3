import { FAULTS, type Fault } from "./world/faults";
import { Judge, pass } from "./world/judge";
import { HOUR, LambdaWorld, MINUTE, type WorldOptions } from "./world/lambda-world";

interface Scenario {
  readonly name: string;
  readonly options: WorldOptions;
  readonly isRotated: boolean;
  /** What is done while the fault strikes. */
  readonly act: (world: LambdaWorld) => Promise<void>;
  /** How long the schedule has to mend it. */
  readonly mendsWithin: number;
}

const quietly = (work: Promise<void>): Promise<void> => work.catch(() => undefined);

const SCENARIOS: readonly Scenario[] = [
  {
    name: "a rotation of a client-credentials token",
    options: { kind: "client-credentials" },
    isRotated: true,
    act: (world) => world.rotateNow(),
    mendsWithin: 9 * HOUR,
  },
  {
    name: "a first rotation, nothing being AWSCURRENT",
    options: { kind: "client-credentials", hasValue: false },
    isRotated: true,
    act: (world) => world.rotateNow(),
    mendsWithin: 9 * HOUR,
  },
  {
    name: "a direct renewal of a client-credentials token",
    options: { kind: "client-credentials" },
    isRotated: false,
    act: (world) => quietly(world.renew()),
    mendsWithin: 24 * HOUR,
  },
  {
    name: "a first direct renewal, nothing being AWSCURRENT",
    options: { kind: "client-credentials", hasValue: false },
    isRotated: false,
    act: (world) => quietly(world.renew()),
    mendsWithin: 24 * HOUR,
  },
  {
    name: "a direct renewal of a refreshable pair",
    options: { kind: "offline-expiring" },
    isRotated: false,
    act: (world) => quietly(world.renew()),
    mendsWithin: 30 * MINUTE,
  },
];

async function stage(scenario: Scenario): Promise<{ world: LambdaWorld; judge: Judge }> {
  const world = await LambdaWorld.create(scenario.options);
  if (scenario.isRotated) await world.scheduleRotation();
  const judge = await Judge.over(world);
  world.clock.now += scenario.options.kind === "offline-expiring" ? 31 * MINUTE : 7 * HOUR;
  world.calls.length = 0;
  world.failures.length = 0;
  return { world, judge };
}

async function run(
  scenario: Scenario,
  strike: { readonly at: number; readonly fault: Fault } | undefined,
): Promise<{ readonly broken: readonly string[]; readonly calls: readonly string[] }> {
  const { world, judge } = await stage(scenario);
  world.plan = ({ index }) => (index === strike?.at ? strike.fault : undefined);
  await scenario.act(world);
  const calls = world.calls.map(({ operation }) => operation);
  world.plan = () => undefined;
  await pass(world, scenario.mendsWithin);
  await judge.requireWorking("after the schedule had its turn");
  return { broken: await judge.conclude(), calls };
}

describe.each(SCENARIOS)("$name", (scenario) => {
  test("works without a fault", async () => {
    const { broken } = await run(scenario, undefined);
    expect(broken).toEqual([]);
  });

  test.each(FAULTS)("survives one call that is %s, whichever it is", async (fault) => {
    const { calls } = await run(scenario, undefined);
    expect(calls.length).toBeGreaterThanOrEqual(6);
    const outcomes: string[] = [];
    for (const [at, operation] of calls.entries()) {
      const { broken } = await run(scenario, { at, fault });
      outcomes.push(...broken.map((what) => `${fault} at call ${at} (${operation}): ${what}`));
    }
    expect(outcomes).toEqual([]);
  });
});

describe("a pair that the merchant has not granted yet", () => {
  test.each(FAULTS)("is awaited, and %s changes nothing", async (fault) => {
    for (let at = 0; at < 3; at += 1) {
      const world = await LambdaWorld.create({ kind: "offline-expiring", hasValue: false });
      const judge = await Judge.over(world);
      world.calls.length = 0;
      world.plan = ({ index }) => (index === at ? fault : undefined);
      await quietly(world.renew());
      world.plan = () => undefined;
      await expect(world.renew()).rejects.toMatchObject({ code: "refresh_token_missing" });
      expect(await world.current()).toBeUndefined();
      expect(await judge.conclude()).toEqual([]);
    }
  });
});
