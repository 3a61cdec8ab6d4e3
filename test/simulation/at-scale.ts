import { createQuota, shareOfDensest } from "../../bench/run-time/quota";
import {
  ORDER_COMES_AGAIN_SECONDS,
  STORES_A_WORKER,
  WORKER_WRITES_A_SECOND,
  WORKERS,
} from "../../contract/capacity";
import { encodeStatus } from "../../contract/store/status";
import { type StoreView, storeViewOf, withTags } from "../../contract/store/view";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { epochMs, HOUR_MS, later, MINUTE_MS, SECOND_MS } from "../../contract/time";
import { VERSION_SPACING_MS } from "../../lambda/engine/rules";
import { agendaOf } from "../../lambda/sweep/agenda";
import { carryByQueue } from "../../lambda/sweep/by-queue";
import type { DelayedOrder } from "../../lambda/sweep/order-queue";
import { decideWork } from "../../lambda/sweep/plan";
import { ACCOUNT, descriptionOf, PREFIX, REGION } from "./stage";
import { Chance } from "./time/chance";
import { Timeline } from "./time/timeline";
import { START } from "./world";

/**
 * A fleet far larger than the one simulation lives through call by call: who is due, and when each leaves for a worker, is
 * the product's own code; the queue, the workers, AWS and Shopify are times, quotas and accidents.
 */
export interface FleetAtScale {
  readonly seed: number;
  /** Stores of 24 hours, which Secrets Manager rotates every eight. */
  readonly credentials: number;
  /** Pairs of one hour. */
  readonly pairs: number;
  readonly hours: number;
  /** How many minutes Shopify's token endpoint is out, once a day from this hour on: all that became due is a burst. */
  readonly outageMinutes: number;
  readonly outageHour: number;
}

/** What became of it. */
export interface ScaleEnd {
  readonly stores: number;
  readonly renewals: number;
  readonly rotations: number;
  /** Tokens that ended while the token endpoint answered. */
  readonly dead: number;
  /** Stores whose token has ended in the end. */
  readonly lost: number;
  /** How long past its time a pair was renewed, outside bursts, in seconds: at worst, and in the 99.9th of a hundred. */
  readonly latestSeconds: number;
  readonly mostlySeconds: number;
  /** The least share of the quota of writes that was used while a burst was worked off. */
  readonly shareInBurst: number;
  readonly throttled: number;
  readonly kills: number;
  /** Orders that had to wait for the next pass. */
  readonly left: number;
}

/** A store as it is, and as a list may still show it. */
interface Store {
  view: StoreView;
  former: StoreView;
  changedAt: number;
  endsAt: number;
  dueAt: number;
  /** How often a worker was killed over it since it was renewed. */
  kills: number;
}

const DAY_LIFE_MS = 24 * HOUR_MS;
const ROTATED_EVERY_MS = 8 * HOUR_MS;
/** A pair is due at half of its hour, and half of the time between two passes before that. */
const PAIR_DUE_AFTER_MS = HOUR_MS / 2 - SWEEP_EVERY_MS / 2;
const PAGE = 100;
const PAGE_MS = 80;
const LIST_LAG_MS = 5 * MINUTE_MS;
/** Of so many batches one worker is killed. */
const ONE_KILLED_IN = 2_000;
/** As the SDK's clients try: four times, the waits doubling from half a second. */
const TRIES = 4;
/** How long a function waits for its turn behind those: two to six seconds, as long as its store has time. */
const WAITS_MS = [2 * SECOND_MS, 6 * SECOND_MS] as const;
const STORE_HAS_MS = 20 * SECOND_MS;
/** How long what an outage held up takes at most: until the next pass, and as long again to write it. */
const BURST_MINUTES = 20;

export async function liveAtScale(options: FleetAtScale): Promise<ScaleEnd> {
  const fleet = new ScaledFleet(options);
  await fleet.live();
  return fleet.end();
}

class ScaledFleet {
  readonly #options: FleetAtScale;
  readonly #timeline = new Timeline();
  readonly #chance: Chance;
  readonly #stores = new Map<string, Store>();
  readonly #ready: DelayedOrder[] = [];
  readonly #quota = createQuota(() => this.#timeline.now);
  readonly #late: number[] = [];
  readonly #shares: number[] = [];
  #writesInBurst: number[] = [];
  #running = 0;
  #versions = 0;
  #end = { renewals: 0, rotations: 0, dead: 0, throttled: 0, kills: 0, left: 0 };

  constructor(options: FleetAtScale) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
  }

  async live(): Promise<void> {
    const { credentials, pairs, hours } = this.#options;
    for (let at = 0; at < credentials; at += 1) this.#found(`day-${at}`, "client-credentials");
    for (let at = 0; at < pairs; at += 1) this.#found(`hour-${at}`, "offline-expiring");
    void this.#pass();
    this.#passEvery();
    for (let day = 0; day * 24 < hours; day += 1) this.#countBurst(day);
    await this.#timeline.runUntil(hours * HOUR_MS);
  }

  end(): ScaleEnd {
    const { now } = this.#timeline;
    const late = [...this.#late].sort((one, other) => one - other);
    const seconds = (ms: number | undefined) => Math.round((ms ?? 0) / SECOND_MS);
    return {
      stores: this.#stores.size,
      ...this.#end,
      lost: [...this.#stores.values()].filter(({ endsAt }) => endsAt <= now).length,
      latestSeconds: seconds(late.at(-1)),
      mostlySeconds: seconds(late[Math.floor(late.length * 0.999)]),
      shareInBurst: Math.min(...this.#shares),
    };
  }

  #found(key: string, kind: "client-credentials" | "offline-expiring"): void {
    const name = `${PREFIX}/stores/${key}/token`;
    const secretArn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-AbCdEf` as never;
    const isRotated = kind === "client-credentials";
    const facts = {
      name,
      description: descriptionOf(key, { kind }),
      tags: new Map(),
      versions: new Map(),
      rotationEnabled: isRotated,
    };
    const view = storeViewOf({ secretArn, facts } as never, PREFIX);
    const store = { view, former: view, changedAt: 0, endsAt: 0, dueAt: 0, kills: 0 };
    this.#stores.set(secretArn, store);
    // Each was renewed some time before the beginning, and none is due yet.
    const everyMs = isRotated ? ROTATED_EVERY_MS : VERSION_SPACING_MS;
    this.#grant(store, -this.#chance.between(0, everyMs));
    store.former = store.view;
    if (isRotated) this.#rotateEvery(store, store.dueAt);
  }

  /** A new token, as the tags of its store tell of it. */
  #grant(store: Store, at: number): void {
    const isRotated = store.view.facts.rotationEnabled;
    this.#versions += 1;
    const current = `${String(this.#versions).padStart(8, "0")}-0000-4000-8000-000000000000`;
    const grantedAt = epochMs(START + at);
    const expiresAt = later(grantedAt, isRotated ? DAY_LIFE_MS : HOUR_MS);
    const tags = encodeStatus({
      state: "ok",
      version: current as never,
      expiresAt,
      refreshExpiresAt: isRotated ? "never" : later(grantedAt, 90 * DAY_LIFE_MS),
      lastSuccessAt: grantedAt,
      lastErrorCode: "",
    });
    store.former = store.view;
    store.changedAt = at;
    const facts = { ...store.view.facts, versions: new Map([[current, ["AWSCURRENT"]]]) as never };
    store.view = { ...withTags({ ...store.view, facts }, tags), current: current as never };
    store.endsAt = expiresAt - START;
    store.dueAt = at + (isRotated ? ROTATED_EVERY_MS : PAIR_DUE_AFTER_MS);
    store.kills = 0;
  }

  #isOut(at = this.#timeline.now): boolean {
    return this.#isWithin(at, this.#options.outageMinutes);
  }

  #isWithin(at: number, minutes: number): boolean {
    const since = at - this.#options.outageHour * HOUR_MS;
    return since >= 0 && since % DAY_LIFE_MS < minutes * MINUTE_MS;
  }

  /** The outage, and the time in which what it held up is worked off. */
  #isBurst(at: number): boolean {
    return this.#isWithin(at, this.#options.outageMinutes + BURST_MINUTES);
  }

  #passEvery(): void {
    this.#timeline.after(SWEEP_EVERY_MS, () => {
      this.#passEvery();
      const pages = Math.ceil(this.#stores.size / PAGE);
      this.#timeline.after(pages * PAGE_MS, () => void this.#pass());
    });
  }

  async #pass(): Promise<void> {
    const { now } = this.#timeline;
    const clock = { now: () => epochMs(START + this.#timeline.now) };
    const stores = [...this.#stores.values()];
    const listed: StoreView[] = [];
    for (let page = 0; page < stores.length; page += PAGE) {
      const seenAt = now - this.#chance.between(0, LIST_LAG_MS);
      for (const { view, former, changedAt } of stores.slice(page, page + PAGE)) {
        listed.push(changedAt > seenAt ? former : view);
      }
    }
    const queue = {
      send: async (orders: readonly DelayedOrder[]) => {
        for (const order of orders) this.#comeAfter(order, order.delaySeconds * SECOND_MS);
        return [];
      },
    };
    const describe = async (secretArn: string) => {
      await this.#timeline.sleep(this.#chance.between(8, 40));
      return this.#stores.get(secretArn)?.view.facts;
    };
    const deadline = { remainingMs: () => now + SWEEP_EVERY_MS - this.#timeline.now };
    const deps = { clock, prefix: PREFIX, deadline, secrets: { describe } } as never;
    const swept = await carryByQueue(agendaOf(listed, clock.now()), queue, deps);
    this.#end.left += swept.filter(({ came }) => came === "left").length;
  }

  #comeAfter(order: DelayedOrder, milliseconds: number): void {
    this.#timeline.after(milliseconds + this.#chance.between(5, 400), () => {
      this.#ready.push(order);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#running < WORKERS && this.#ready.length > 0) {
      this.#running += 1;
      this.#work(this.#ready.splice(0, STORES_A_WORKER));
    }
  }

  #work(batch: readonly DelayedOrder[]): void {
    const pace = { freeAt: 0 };
    let left = batch.length;
    const isKilled = this.#chance.next() * ONE_KILLED_IN < 1;
    const done = () => {
      left -= 1;
      if (left > 0) return;
      this.#running -= 1;
      this.#deliver();
    };
    if (isKilled) this.#kill(batch);
    for (const order of batch) {
      if (isKilled) this.#timeline.after(500, done);
      else this.#carryOut(order, pace, done);
    }
  }

  #kill(batch: readonly DelayedOrder[]): void {
    this.#end.kills += 1;
    for (const order of batch) {
      const store = this.#stores.get(order.secretArn);
      if (store !== undefined) store.kills += 1;
      this.#comeAfter(order, ORDER_COMES_AGAIN_SECONDS * SECOND_MS);
    }
  }

  #carryOut(order: DelayedOrder, pace: { freeAt: number }, done: () => void): void {
    const store = this.#stores.get(order.secretArn);
    const now = epochMs(START + this.#timeline.now);
    const isOver = order.until < now || store === undefined;
    if (isOver || decideWork(store.view, now).action !== "renew" || this.#isOut()) {
      this.#timeline.after(this.#chance.between(20, 80), done);
      return;
    }
    this.#timeline.after(this.#chance.between(250, 1_500), () =>
      this.#write(pace, (isWritten) => {
        if (!isWritten) return this.#giveBack(order, done);
        this.#write(pace, (isPromoted) => {
          if (!isPromoted) return this.#giveBack(order, done);
          this.#renewed(store);
          done();
        });
      }),
    );
  }

  /** What AWS throttled for all of a store's time comes again, as what a killed worker had does. */
  #giveBack(order: DelayedOrder, done: () => void): void {
    this.#comeAfter(order, ORDER_COMES_AGAIN_SECONDS * SECOND_MS);
    done();
  }

  #renewed(store: Store): void {
    const { now } = this.#timeline;
    if (store.view.facts.rotationEnabled) this.#end.rotations += 1;
    else this.#noteRenewal(store);
    if (store.endsAt <= now && !this.#isOut(store.endsAt)) this.#end.dead += 1;
    this.#grant(store, now);
  }

  /** Who was killed over twice waits twice. */
  #noteRenewal({ dueAt, kills }: Store): void {
    const { now } = this.#timeline;
    this.#end.renewals += 1;
    if (this.#isBurst(now)) return;
    const again = Math.max(0, kills - 1) * ORDER_COMES_AGAIN_SECONDS * SECOND_MS;
    this.#late.push(Math.max(0, now - dueAt - again));
  }

  /** A write in its worker's turn and of the account's quota; refused, it is tried again as the SDK does. */
  #write(pace: { freeAt: number }, then: (isDone: boolean) => void): void {
    const startsAt = Math.max(this.#timeline.now, pace.freeAt);
    pace.freeAt = startsAt + SECOND_MS / WORKER_WRITES_A_SECOND;
    this.#timeline.at(startsAt, () => this.#try(startsAt + STORE_HAS_MS, 1, then));
  }

  #try(until: number, attempt: number, then: (isDone: boolean) => void): void {
    if (this.#mayPass()) {
      this.#timeline.after(this.#chance.between(15, 60), () => then(true));
      return;
    }
    this.#end.throttled += 1;
    if (attempt < TRIES) {
      const waitMs = this.#chance.next() * 2 ** attempt * 500;
      this.#timeline.after(waitMs, () => this.#try(until, attempt + 1, then));
      return;
    }
    const waitMs = this.#chance.between(...WAITS_MS);
    if (this.#timeline.now + waitMs > until) {
      then(false);
      return;
    }
    this.#timeline.after(waitMs, () => this.#try(until, 1, then));
  }

  #mayPass(): boolean {
    const { now } = this.#timeline;
    if (!this.#quota()) return false;
    if (this.#isBurst(now) && !this.#isOut()) this.#writesInBurst.push(now);
    return true;
  }

  /** Secrets Manager's own schedule: each rotation is a function of its own, which no worker's pace holds up. */
  #rotateEvery(store: Store, at: number): void {
    this.#timeline.at(at, () => {
      const again = (isDone: boolean) => {
        if (isDone) this.#renewed(store);
        // What failed is tried again by the service.
        const next = isDone ? store.dueAt : this.#timeline.now + 10 * MINUTE_MS;
        this.#rotateEvery(store, next);
      };
      if (this.#isOut()) return again(false);
      this.#timeline.after(this.#chance.between(300, 1_500), () =>
        this.#write({ freeAt: 0 }, (isWritten) =>
          isWritten ? this.#write({ freeAt: 0 }, again) : again(false),
        ),
      );
    });
  }

  /** The share of the quota over the densest stretch of as many writes as half of the pairs take. */
  #countBurst(day: number): void {
    const { outageHour, outageMinutes } = this.#options;
    const burstMs = outageHour * HOUR_MS + (outageMinutes + BURST_MINUTES) * MINUTE_MS;
    this.#timeline.at(day * DAY_LIFE_MS + burstMs, () => {
      const times = this.#writesInBurst;
      this.#writesInBurst = [];
      this.#shares.push(shareOfDensest(times, this.#options.pairs));
    });
  }
}
