import { MOST_RESOURCES } from "../../../bench/resources/count";
import { KIND_FACTS } from "../../../contract/kinds";
import type { EngineRun } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";
import { sized } from "../../long";
import { beginWorld } from "../begin-world";
import { changesIn, type Declared, DeclaredStack } from "./declared-stack";
import { APPS, declarationOf, fillApps, fillShops, type MadeStore, makeStores } from "./made-fleet";
import { versionsOfStores } from "./secret-history";

const SIZE = sized(30, 300);
const FLEET = makeStores(SIZE);
/** The fourth store of a made fleet has a static token. */
const DEAD = FLEET[3] as MadeStore;
/** Stores that come later, the one with a static token first. */
const LATE = makeStores(4, "late").reverse();
const LATE_DEAD = LATE[0] as MadeStore;
const DEAD_TOKEN = "shpat_made-fleet-dead-access-token";

/** A whole fleet of every kind on the real engine. The tests of this file build on each other. */
describe(`a fleet of ${SIZE} stores`, () => {
  let world: World;
  let stack: DeclaredStack;
  let enrolments = 0;

  beforeAll(async () => {
    world = await beginWorld("2026-11-23T09:35:00Z");
    stack = new DeclaredStack(world, { onLine: countEnrolments });
    fillApps(world);
    fillShops(world, [...FLEET, ...LATE]);
    await stack.must(stack.engine.run(["stack", "init"]));
    say(`${SIZE} stores (npm test: 30, npm run test:long: 300)`);
  });

  afterAll(async () => {
    await world?.stop();
  });

  function countEnrolments(line: string): void {
    if (!/aws:lambda:Invocation \S+ created/.test(line)) return;
    enrolments += 1;
    if (enrolments % 50 === 0) say(`${enrolments} enrolled`);
  }

  test("one dead store leaves all others provisioned, and says what is left to do", async () => {
    // Shopify throttles a third of the stores at first.
    for (const { shop } of FLEET.filter((_, index) => index % 3 === 0)) {
      world.shopify.imitation.control.throttle({ on: "token-endpoint", shop, calls: 2 });
    }
    stack.declare(withDeadToken(declarationOf(FLEET), DEAD));
    const { exitCode, output } = await timed("up", stack.up());
    expect(exitCode).not.toBe(0);
    expect(errorsIn(output)).toEqual([
      expect.stringMatching(/token_dead: .*accessTokens\.store-004.*; then pulumi up --continue/),
    ]);
    expect(output).not.toContain(DEAD_TOKEN);
    expect(enrolments).toBe(SIZE - 1);
    expect(await enrolled(world)).toEqual(keysWithToken(FLEET.filter((store) => store !== DEAD)));
  });

  test("the next up goes on where it stopped", async () => {
    stack.declare(declarationOf(FLEET));
    const output = await stack.must(stack.up());
    expect(changesIn(output)).toEqual([`+ aws:lambda:Invocation ${DEAD.key}-enrolment`]);
    expect(await enrolled(world)).toEqual(keysWithToken(FLEET));
  });

  test("no more resources than the budget allows", async () => {
    const { output } = await stack.engine.run(["stack", "export"]);
    const { deployment } = JSON.parse(output) as StackExport;
    const count = deployment.resources.filter(({ type }) => type.startsWith("aws:")).length;
    const most = FLEET.reduce((sum, { kind }) => sum + MOST_RESOURCES.perStore[kind], 0);
    say(`${count} resources`);
    expect(count).toBeLessThanOrEqual(most + 2 * APPS.length + MOST_RESOURCES.shared);
  });

  test("then nothing changes: not by up, not by a preview, not by one with refresh", async () => {
    const before = await versionsOfStores(world);
    expect(changesIn(await stack.must(timed("up again", stack.up())))).toEqual([]);
    await stack.must(timed("preview", stack.preview("--expect-no-changes")));
    const refreshing = stack.preview("--refresh", "--expect-no-changes");
    await stack.must(timed("preview --refresh", refreshing));
    expect(await versionsOfStores(world)).toEqual(before);
  });

  test("an up that stops at its first error loses nothing, and the next one goes on", async () => {
    const before = await versionsOfStores(world);
    const declared = declarationOf([...FLEET, ...LATE]);
    stack.declare(withDeadToken(declared, LATE_DEAD));
    // One at a time, so that the error comes while there is something left.
    const stopped = await stack.upStoppingAtOnce("--parallel", "1");
    expect(stopped.exitCode).not.toBe(0);
    expect(errorsIn(stopped.output)).toEqual([
      expect.stringMatching(/token_dead: .*; then pulumi up --continue-on-error/),
    ]);
    const halfway = await versionsOfStores(world);
    expect(halfway).toMatchObject(before);
    const alive = LATE.filter((store) => store !== LATE_DEAD);
    expect(await enrolled(world)).not.toEqual(keysWithToken([...FLEET, ...alive]));

    stack.declare(declared);
    await stack.must(stack.up());
    expect(await versionsOfStores(world)).toMatchObject(halfway);
    expect(await enrolled(world)).toEqual(keysWithToken([...FLEET, ...LATE]));
  });
});

function say(line: string): void {
  process.stdout.write(`  ${line}\n`);
}

/** Runs the engine, and says how long it took. */
async function timed(what: string, run: Promise<EngineRun>): Promise<EngineRun> {
  const startedAt = performance.now();
  const ended = await run;
  say(`${what}: ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
  return ended;
}

interface StackExport {
  readonly deployment: { readonly resources: readonly { readonly type: string }[] };
}

function withDeadToken(declared: Declared, { key }: MadeStore): Declared {
  const accessTokens = { ...(declared["accessTokens"] as object), [key]: DEAD_TOKEN };
  return { ...declared, accessTokens };
}

/** What failed, a line for each resource. */
function errorsIn(output: string): string[] {
  return [...output.matchAll(/^ *error: (?!update failed)(.+)$/gm)].map(([, error = ""]) => error);
}

/** The stores that have a value. */
async function enrolled(world: World): Promise<string[]> {
  const versions = Object.entries(await versionsOfStores(world));
  return versions.filter(([, stages]) => Object.keys(stages).length > 0).map(([key]) => key);
}

/** The stores that `up` gives a token; a pair comes from its merchant. */
function keysWithToken(stores: readonly MadeStore[]): string[] {
  const given = stores.filter(({ kind }) => KIND_FACTS[kind].renewer !== "sweep");
  return given.map(({ key }) => key).sort();
}
