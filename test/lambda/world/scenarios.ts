import type { Fault } from "./faults";
import { Judge, pass } from "./judge";
import { HOUR, LambdaWorld, MINUTE, type WorldOptions } from "./lambda-world";

/** A renewal to be disturbed. */
export interface Scenario {
  readonly name: string;
  readonly options: WorldOptions;
  readonly isRotated: boolean;
  /** What is done while it is disturbed. */
  readonly act: (world: LambdaWorld) => Promise<void>;
  /** How long the schedule has to mend it. */
  readonly mendsWithin: number;
}

/** Lets work fail, as the one who called it would. */
export const quietly = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

/** Both callers, both grants, with and without a current version. */
const AS_DOCUMENTED: readonly Scenario[] = [
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

/** What only Shopify and AWS can confirm, each in the position that makes a renewal hardest. */
const WORSE: Pick<WorldOptions, "shopify" | "model"> = {
  shopify: {
    overtakenReplacement: "dead",
    clientCredentialsOverlap: "old-dies",
    expiresIn: "absent",
  },
  model: {
    missedReads: 1,
    clearPendingAfterFinish: false,
    retryAfterLabelLost: true,
    firstValueBecomesCurrent: false,
  },
};

/** Every scenario in a world as it is documented, and in one that is as bad as it may be. */
export const SCENARIOS: readonly Scenario[] = [
  ...AS_DOCUMENTED,
  ...AS_DOCUMENTED.map((scenario) => ({
    ...scenario,
    name: `${scenario.name}, in a worse world`,
    options: { ...scenario.options, ...WORSE },
  })),
];

/** A fault at one call, counted from the start of the scenario. */
export interface Strike {
  readonly at: number;
  readonly fault: Fault;
}

/** What disturbs a scenario. */
export interface Disturbance {
  readonly strikes?: readonly Strike[];
  /** Happens right before the call of this number. */
  readonly before?: { readonly at: number; readonly does: (world: LambdaWorld) => Promise<void> };
  /** Happens when the scenario has ended, well or not, and before the schedule has its turn. */
  readonly afterwards?: (world: LambdaWorld) => Promise<void>;
  /** Happens when nothing goes wrong any more. */
  readonly atLast?: (world: LambdaWorld) => Promise<void>;
}

/** How a scenario went. */
export interface Ending {
  /** Broken promises, in words. */
  readonly broken: readonly string[];
  /** The calls of the scenario itself. */
  readonly calls: readonly string[];
  /** The calls of it and of the schedule after it. */
  readonly allCalls: readonly string[];
}

/** Runs a scenario, lets the schedule do what it does, and judges. */
export async function runScenario(scenario: Scenario, by: Disturbance = {}): Promise<Ending> {
  const { world, judge } = await stage(scenario);
  const strikes = new Map(by.strikes?.map(({ at, fault }) => [at, fault]));
  world.plan = ({ index }) => strikes.get(index);
  disturbOnce(world, by.before);
  await scenario.act(world);
  const calls = operationsOf(world);
  await by.afterwards?.(world);
  // Where two renewals overlapped, it is the next one that takes up the chain.
  const turns = Math.max(1, strikes.size, by.before === undefined ? 0 : 2);
  for (let turn = 0; turn < turns; turn += 1) await pass(world, scenario.mendsWithin);
  await by.atLast?.(world);
  await judge.requireWorking("after the schedule had its turn");
  return { broken: await judge.conclude(), calls, allCalls: operationsOf(world) };
}

async function stage({
  options,
  isRotated,
}: Scenario): Promise<{ world: LambdaWorld; judge: Judge }> {
  const world = await LambdaWorld.create(options);
  if (isRotated) await world.scheduleRotation();
  const judge = await Judge.over(world);
  world.clock.now += options.kind === "offline-expiring" ? 31 * MINUTE : 7 * HOUR;
  world.calls.length = 0;
  world.failures.length = 0;
  return { world, judge };
}

function disturbOnce(world: LambdaWorld, before: Disturbance["before"]): void {
  if (before === undefined) return;
  let hasHappened = false;
  world.before = async ({ index }) => {
    if (hasHappened || index !== before.at) return;
    hasHappened = true;
    await before.does(world);
  };
}

const operationsOf = (world: LambdaWorld): string[] =>
  world.calls.map(({ operation }) => operation);
