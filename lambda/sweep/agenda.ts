import { conditionOf } from "../../contract/store/condition";
import type { StoreView } from "../../contract/store/view";
import { type EpochMs, later, SECOND_MS } from "../../contract/time";
import type { SweepDeps } from "./deps";
import { noteOutcome, restedAt, type StoreOutcome, tagsToWrite } from "./outcome";
import { decideWork, urgencyOf, type Work } from "./plan";
import type { Swept } from "./summary";
import { noticeOf } from "./tell";

/** A store and what it needs. */
export interface Due {
  readonly store: StoreView;
  readonly work: Work;
}

/** What each store of a list needs, the most urgent first; whoever carries it out begins there. */
export function agendaOf(stores: readonly StoreView[], now: EpochMs): readonly Due[] {
  return stores
    .map((store) => {
      const work = decideWork(store, now);
      return { store, work, urgency: urgencyOf(store, work, now) };
    })
    .sort((one, other) => compare(one.urgency, other.urgency));
}

// Two that may wait for ever are as urgent as each other, and their difference is no number.
function compare(one: number, other: number): number {
  return one === other ? 0 : one - other;
}

/** A store that the list shows well, with nothing to do, to write or to tell; undefined: it is none. */
export function atRest(due: Due, deps: Resting): Swept | undefined {
  const swept = nothingToDo(due, deps);
  if (swept === undefined) return undefined;
  const { store, condition } = swept;
  const awaits = store.current === undefined && condition.state !== "failing";
  // What is bad may have been mended already: the list may be five minutes old. What works is not: that a person
  // has to do something about it stands for weeks, and is no reason to look at every pass.
  return awaits || condition.state === "ok" || !condition.needsPerson ? swept : undefined;
}

type Resting = Pick<SweepDeps, "clock" | "prefix">;

/** A store with nothing to do, to write or to tell, whatever it waits for; undefined: there is something. */
export function nothingToDo({ store, work }: Due, { clock, prefix }: Resting): Swept | undefined {
  if (!RESTS.has(work.action) || store.pending !== undefined) return undefined;
  const outcome: StoreOutcome = {
    ...restedAt(store),
    action: work.action === "await" ? "awaited" : "rested",
  };
  const now = clock.now();
  const told = noteOutcome(store, outcome, now);
  const condition = conditionOf(told.view, now);
  const isToWrite = Object.keys(tagsToWrite(told, condition.state)).length > 0;
  const swept: Swept = { store: told.view, outcome, condition, came: "through" };
  return !isToWrite && noticeOf(swept, prefix) === undefined ? swept : undefined;
}

const RESTS: ReadonlySet<Work["action"]> = new Set(["rest", "await"]);

/** Whether somebody has to do something for the store. */
export function isDue({ work }: Due): boolean {
  return !RESTS.has(work.action);
}

/**
 * When a store that rests will be due, to the second; undefined: not within the time that is looked ahead.
 *
 * What time alone makes due stays due until somebody worked on it, so its beginning is found by halves.
 */
export function dueWithin(store: StoreView, now: EpochMs, aheadMs: number): EpochMs | undefined {
  const isDueAfter = (ms: number) => isDue({ store, work: decideWork(store, later(now, ms)) });
  if (!isDueAfter(aheadMs)) return undefined;
  let [restsMs, isDueMs] = [0, aheadMs];
  while (isDueMs - restsMs > SECOND_MS) {
    const middleMs = (restsMs + isDueMs) / 2;
    if (isDueAfter(middleMs)) isDueMs = middleMs;
    else restsMs = middleMs;
  }
  return later(now, isDueMs);
}

/** A store of which nothing but the list is known. */
export function asListed({ store }: Due, came: Swept["came"], now: EpochMs): Swept {
  return { store, outcome: restedAt(store), condition: conditionOf(store, now), came };
}
