import type { StoreView } from "../../contract/store/view";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { type EpochMs, later, MINUTE_MS, SECOND_MS } from "../../contract/time";
import { fits } from "../deadline";
import { fieldsOfError } from "../log";
import { agendaOf, asListed, atRest, type Due, dueWithin, nothingToDo } from "./agenda";
import type { SweepDeps } from "./deps";
import { inParallel } from "./in-parallel";
import type { DelayedOrder, OrderQueue } from "./order-queue";
import { seenNow } from "./seen-now";
import type { Swept } from "./summary";
import { type Awaited, type Departure, timetableOf } from "./timetable";

/** How many stores are looked at together: Secrets Manager answers thousands of such calls a second. */
const LOOKS_AT_ONCE = 20;
/** The time that is kept for sending: what is not looked at by then is sent as it was listed. */
const SENDING_MS = MINUTE_MS;

/** An order outlives the pass that sent it by so much: the next one may begin late, and lists before it sends. */
const OVERLAP_MS = 2 * MINUTE_MS;

/**
 * Sends what is due until the next pass to the workers, each store for its time; what the queue did not take is left.
 *
 * A store that becomes due between two passes leaves when it is due, not when the next one finds it.
 */
export async function carryByQueue(
  listed: readonly Due[],
  queue: OrderQueue,
  deps: SweepDeps,
): Promise<readonly Swept[]> {
  const atEase = restingIn(listed, (due) => atRest(due, deps));
  const isAtEase = ({ store }: Due) => atEase.has(store);
  const { looked, seen } = await lookedAt(
    listed.filter((due) => !isAtEase(due)),
    deps,
  );
  const calmed = restingIn(looked, (due) =>
    seen.has(due.store) ? nothingToDo(due, deps) : undefined,
  );
  const resting = new Map([...atEase, ...calmed]);
  const now = deps.clock.now();
  const agenda = [...looked, ...listed.filter(isAtEase)];
  const awaited = agenda.flatMap((due): Awaited[] => {
    const dueAt = resting.has(due.store) ? dueWithin(due.store, now, SWEEP_EVERY_MS) : now;
    return dueAt === undefined ? [] : [{ ...due, dueAt }];
  });
  const { departures, left } = timetableOf(awaited, now);
  const untaken = await sendAll(departures, now, { queue, deps });
  const isLeft = new Set([...left.map(({ store }) => store.secretArn), ...untaken]);
  return agenda.map((due) => {
    if (isLeft.has(due.store.secretArn)) return asListed(due, "left", now);
    return resting.get(due.store) ?? asListed(due, "sent", now);
  });
}

/** Those that rest, by their stores. */
function restingIn(
  agenda: readonly Due[],
  restOf: (due: Due) => Swept | undefined,
): ReadonlyMap<StoreView, Swept> {
  return new Map(
    agenda.flatMap((due) => {
      const rested = restOf(due);
      return rested === undefined ? [] : [[due.store, rested] as const];
    }),
  );
}

/**
 * What is due once more, as it is now: the list may be five minutes old, and what was renewed since then would take the
 * turns of others. The workers of the last pass are those who renewed it.
 */
async function lookedAt(listed: readonly Due[], deps: SweepDeps): Promise<Looked> {
  const views = new Map<StoreView, StoreView>();
  await inParallel(listed, {
    width: LOOKS_AT_ONCE,
    mayStart: () => fits(deps.deadline, SENDING_MS),
    run: async ({ store }) => {
      try {
        views.set(store, await seenNow(store, deps));
      } catch {
        // A worker looks too, and says what keeps it from seeing the store.
      }
    },
  });
  const stores = listed.map(({ store }) => views.get(store) ?? store);
  return { looked: agendaOf(stores, deps.clock.now()), seen: new Set(views.values()) };
}

interface Looked {
  readonly looked: readonly Due[];
  /** Those that could be seen. */
  readonly seen: ReadonlySet<StoreView>;
}

interface By {
  readonly queue: OrderQueue;
  readonly deps: SweepDeps;
}

/** The stores whose orders the queue did not take. */
async function sendAll(
  departures: readonly Departure[],
  now: EpochMs,
  { queue, deps }: By,
): Promise<ReadonlySet<string>> {
  const until = later(now, SWEEP_EVERY_MS + OVERLAP_MS);
  const orders = departures.map(
    ({ store, afterMs }): DelayedOrder => ({
      secretArn: store.secretArn,
      until,
      // A worker that came a moment too early would find nothing due.
      delaySeconds: Math.ceil(afterMs / SECOND_MS),
    }),
  );
  try {
    const untaken = await queue.send(orders, deps.deadline);
    if (untaken.length > 0) deps.log.warn("sweep.orders_not_taken", { orders: untaken.length });
    return new Set(untaken.map(({ secretArn }) => secretArn));
  } catch (error) {
    deps.log.error("sweep.orders_not_sent", { orders: orders.length, ...fieldsOfError(error) });
    return new Set(orders.map(({ secretArn }) => secretArn));
  }
}
