import { shareOfDensest, type Throttled, throttle } from "../../bench/run-time/quota";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { parseWorkBatch } from "../../contract/work-order";
import { Scheduler } from "./actors/scheduler";
import type { Product } from "./functions/bundles";
import type { Invocation } from "./functions/lambda-service";
import { Truth } from "./judge/truth";
import type { Call, Trouble } from "./network";
import { CLIENT_ID, HOUR, MINUTE, shopOf } from "./stage";
import { Chance } from "./time/chance";
import { World } from "./world";

/** A fleet whose sweep sends its work to workers. */
export interface LargeFleet {
  readonly seed: number;
  readonly product: Product;
  /** Stores of 24 hours, which Secrets Manager rotates. */
  readonly credentials: number;
  /** Pairs of one hour, which the sweep renews. */
  readonly pairs: number;
  readonly hours: number;
  /** When Shopify's token endpoint is out, in hours from the beginning, and for how long; what was due then is a burst. */
  readonly outage: { readonly from: number; readonly hours: number };
}

/** What became of it. */
export interface LargeFleetEnd extends Throttled {
  /** Stores whose token was dead at some minute although the token endpoint answered. */
  readonly dead: readonly string[];
  /** Stores whose token does not work in the end. */
  readonly lost: readonly string[];
  readonly renewals: number;
  /** How long past its time a pair was renewed at worst, outside the outage and the burst after it, in seconds. */
  readonly latestSeconds: number;
  /** The share of the quota of writes that was used while the burst was worked off. */
  readonly shareInBurst: number;
  readonly kills: number;
  readonly invocations: number;
}

/** A pair is renewed when half of its hour is left, and half of the time between two passes besides. */
const PAIR_DUE_AFTER_MS = HOUR - (HOUR / 2 + SWEEP_EVERY_MS / 2);
/** An order of a killed worker comes again after 90 seconds. */
const COMES_AGAIN_MS = 90_000;

export async function liveThroughLargeFleet(options: LargeFleet): Promise<LargeFleetEnd> {
  const { seed, product } = options;
  const world = new World({ seed, product, hasWorkQueue: true, listLagMs: 5 * MINUTE });
  const fleet = await founded(world, options);
  const quota = throttle(world);
  world.lambda.forget(); // the processes of the founding know the service without its quota
  const troubles = new Troubles(world, new Chance(seed));
  const watch = new Watch(world, fleet, { options, troubles });
  new Scheduler(world);
  await world.timeline.runUntil(world.timeline.now + options.hours * HOUR);
  return watch.end(quota());
}

interface Fleet {
  readonly credentials: readonly string[];
  readonly pairs: readonly string[];
}

async function founded(world: World, { credentials, pairs }: LargeFleet): Promise<Fleet> {
  await world.timeline.runUntilSettled(world.open(), HOUR);
  const keysOf = (head: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${head}-${String(at).padStart(5, "0")}`);
  const fleet = { credentials: keysOf("day", credentials), pairs: keysOf("hour", pairs) };
  for (const key of fleet.credentials) {
    await world.declare(key, { kind: "client-credentials" });
    world.shopify.control.install({ clientId: CLIENT_ID, shop: shopOf(key) });
    await world.timeline.runUntilSettled(world.enrol(key), 5 * MINUTE);
    await world.scheduleRotation(key);
  }
  for (const key of fleet.pairs) {
    await world.declare(key, { kind: "offline" });
    const owner = { clientId: CLIENT_ID, shop: shopOf(key) };
    const { accessToken } = world.shopify.control.issueToken({ ...owner, kind: "offline" });
    await world.timeline.runUntilSettled(world.enrol(key, { accessToken }), 5 * MINUTE);
    await world.redeclare(key, "offline-expiring");
    const migrated = world.invoke("sweep", { action: "migrate", store: key });
    await world.timeline.runUntilSettled(migrated, 5 * MINUTE);
  }
  return fleet;
}

/** By which call somebody is killed at the latest: of one in 4,000 some seeds have none in half a day. */
const FIRST_KILL_BY = 8_000;

/** Workers and passes that are killed, and a Shopify that throttles some and is out for a while. */
class Troubles {
  kills = 0;
  isOut = false;
  /** The stores whose worker was killed over them, since they were renewed last. */
  readonly killedOver = new Map<string, number>();
  /** When a pass was killed last. */
  passKilledAt = Number.NEGATIVE_INFINITY;
  readonly #world: World;
  readonly #chance: Chance;
  readonly #events = new Map<Call["process"], Invocation>();
  #calls = 0;

  constructor(world: World, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
    world.lambda.onBegun = (invocation) => void this.#events.set(invocation.process, invocation);
    world.lambda.onEnded = ({ process }) => void this.#events.delete(process);
    world.network.plan = (call) => this.#plan(call);
  }

  #plan(call: Call): Trouble | undefined {
    const dice = this.#chance.next();
    this.#calls += 1;
    const isFirst = this.kills === 0 && this.#calls > FIRST_KILL_BY;
    if (dice < 1 / 4_000 || isFirst) {
      const killed = this.#kill(call, dice < 1 / 8_000 ? "before" : "after");
      if (killed !== undefined || !isFirst) return killed;
    }
    if (call.service !== "shopify" || !call.operation.includes("access_token")) return undefined;
    if (this.isOut) return { effect: "none", lie: "503" };
    return dice < 0.01 ? { effect: "none", lie: "429" } : undefined;
  }

  #kill({ process }: Call, kill: "before" | "after"): Trouble | undefined {
    const invocation = this.#events.get(process);
    if (invocation?.name === "sweep") this.passKilledAt = this.#world.timeline.now;
    else if (invocation?.name !== "work") return undefined;
    this.kills += 1;
    for (const { order } of parseWorkBatch(invocation.event) ?? []) {
      const arn = order?.secretArn ?? "";
      this.killedOver.set(arn, (this.killedOver.get(arn) ?? 0) + 1);
    }
    return { kill };
  }
}

/** Looks at every store every minute, and at every renewal. */
class Watch {
  readonly #world: World;
  readonly #truth: Truth;
  readonly #fleet: Fleet;
  readonly #troubles: Troubles;
  readonly #startedAt: number;
  readonly #burst: { readonly from: number; readonly until: number };
  readonly #dead = new Set<string>();
  readonly #renewedAt = new Map<string, number>();
  readonly #versions = new Map<string, string>();
  readonly #writesInBurst: number[] = [];
  #renewals = 0;
  #latestMs = 0;

  constructor(
    world: World,
    fleet: Fleet,
    { options, troubles }: { readonly options: LargeFleet; readonly troubles: Troubles },
  ) {
    this.#world = world;
    this.#truth = new Truth(world);
    this.#fleet = fleet;
    this.#troubles = troubles;
    this.#startedAt = world.timeline.now;
    const from = this.#startedAt + options.outage.from * HOUR;
    const until = from + options.outage.hours * HOUR;
    this.#burst = { from, until };
    for (const [at, isOut] of [
      [from, true],
      [until, false],
    ] as const) {
      world.timeline.at(at, () => {
        troubles.isOut = isOut;
      });
    }
    for (const key of fleet.pairs) this.#note(world.arnOf(key));
    const { act } = world.secrets;
    world.secrets.act = async (operation, input) => {
      const answer = await act.call(world.secrets, operation, input);
      if (operation === "UpdateSecretVersionStage" || operation === "PutSecretValue") {
        if (world.timeline.now > until) this.#writesInBurst.push(world.timeline.now);
        this.#renewed((input as { readonly SecretId: string }).SecretId);
      }
      return answer;
    };
    this.#lookEveryMinute();
  }

  /** The outage, and two passes after it; or a pass that was killed, until the next one has sent its orders. */
  #isExcused(at: number): boolean {
    const { from, until } = this.#burst;
    if (at >= from && at < until + 2 * SWEEP_EVERY_MS) return true;
    return at < this.#troubles.passKilledAt + SWEEP_EVERY_MS + 2 * MINUTE;
  }

  #note(arn: string): void {
    const secret = this.#world.secrets.state.secrets.get(arn);
    const current = secret?.versions.find(({ stages }) => stages.includes("AWSCURRENT"));
    if (current === undefined) return;
    this.#versions.set(arn, current.id);
    this.#renewedAt.set(arn, this.#world.timeline.now);
  }

  #renewed(arn: string): void {
    const before = this.#versions.get(arn);
    const last = this.#renewedAt.get(arn);
    if (before === undefined || last === undefined) return;
    const { timeline } = this.#world;
    const secret = this.#world.secrets.state.secrets.get(arn);
    const current = secret?.versions.find(({ stages }) => stages.includes("AWSCURRENT"));
    if (current === undefined || current.id === before) return;
    this.#note(arn);
    this.#renewals += 1;
    const kills = this.#troubles.killedOver.get(arn) ?? 0;
    this.#troubles.killedOver.delete(arn);
    // Before the first pass nothing was sent for any time.
    const dueAt = Math.max(last + PAIR_DUE_AFTER_MS, this.#startedAt + SWEEP_EVERY_MS);
    const lateMs = timeline.now - dueAt - Math.max(0, kills - 1) * COMES_AGAIN_MS;
    if (!this.#isExcused(timeline.now)) this.#latestMs = Math.max(this.#latestMs, lateMs);
  }

  #lookEveryMinute(): void {
    this.#world.timeline.after(MINUTE, () => {
      this.#lookEveryMinute();
      const { from, until } = this.#burst;
      const { now } = this.#world.timeline;
      // What ends while nobody answers cannot be renewed, and is once they do.
      if (now >= from && now < until) return;
      for (const key of this.#all()) if (!this.#works(key)) this.#dead.add(key);
    });
  }

  *#all(): Generator<string> {
    yield* this.#fleet.credentials;
    yield* this.#fleet.pairs;
  }

  #works(key: string): boolean {
    return this.#truth.isAlive(this.#truth.currentOf(key)?.accessToken ?? "");
  }

  end(throttled: Throttled): LargeFleetEnd {
    return {
      ...throttled,
      dead: [...this.#dead],
      lost: [...this.#all()].filter((key) => !this.#works(key)),
      renewals: this.#renewals,
      latestSeconds: Math.round(this.#latestMs / 1_000),
      // Nine tenths of what the pairs take.
      shareInBurst: shareOfDensest(
        this.#writesInBurst,
        Math.floor(this.#fleet.pairs.length * 2 * 0.9),
      ),
      kills: this.#troubles.kills,
      invocations: this.#world.lambda.invocations,
    };
  }
}
