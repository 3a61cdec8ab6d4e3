import { QUEUE_WRITES_A_SECOND, WRITES_A_RENEWAL } from "../../contract/capacity";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { type EpochMs, later, SECOND_MS } from "../../contract/time";
import type { Due } from "./agenda";
import type { Work } from "./plan";

/** A store with the time before which nobody needs to work on it. */
export interface Awaited extends Due {
  readonly dueAt: EpochMs;
}

/** A store whose time has come, and when it leaves for a worker. */
export interface Departure extends Due {
  readonly afterMs: number;
}

/** What a pass sends on its way until the next one, and what has to wait for that. */
export interface Timetable {
  readonly departures: readonly Departure[];
  readonly left: readonly Due[];
}

/** What leaves for a renewal, or for what may become one, keeps to the quota of versions and labels. */
const WRITES: Readonly<Record<Work["action"], number>> = {
  renew: WRITES_A_RENEWAL,
  adopt: WRITES_A_RENEWAL,
  migrate: WRITES_A_RENEWAL,
  look: WRITES_A_RENEWAL,
  // Tags have a quota of their own, as large as that of values.
  rest: 1,
  await: 1,
  refuse: 1,
  check: 1,
};

/**
 * Gives each store the moment at which it leaves for a worker: none before it is due, the most urgent first, and no more a
 * second than Secrets Manager takes writes. A queue delivers messages in any order; only their delays keep this one.
 *
 * What renews nothing takes the turns that are left between renewals: checks may come thousands at a time, and one that
 * waits for the next pass is none the worse, as a token of one hour would be.
 *
 * @param awaited what is due now or before the next pass, of those that are due at once the most urgent first
 */
export function timetableOf(awaited: readonly Awaited[], now: EpochMs): Timetable {
  const departures: Departure[] = [];
  const left: Due[] = [];
  const nextPass = later(now, SWEEP_EVERY_MS);
  let free: number = now;
  const send = ({ store, work, dueAt }: Awaited): void => {
    const leavesAt = Math.max(free, dueAt);
    if (leavesAt > nextPass) {
      left.push({ store, work });
      return;
    }
    departures.push({ store, work, afterMs: leavesAt - now });
    free = leavesAt + turnOf(work);
  };
  const patient = awaited.filter((one) => mayWait(one, now)).values();
  let filler = patient.next();
  for (const pressing of awaited.filter((one) => !mayWait(one, now)).sort(byTime)) {
    while (!filler.done && free + turnOf(filler.value.work) <= pressing.dueAt) {
      send(filler.value);
      filler = patient.next();
    }
    send(pressing);
  }
  for (; !filler.done; filler = patient.next()) send(filler.value);
  return { departures, left };
}

/** Whether a store is due for something else than a renewal; of one that rests, nobody knows yet what it will need. */
function mayWait({ work, dueAt }: Awaited, now: EpochMs): boolean {
  return WRITES[work.action] < WRITES_A_RENEWAL && dueAt <= now;
}

function turnOf({ action }: Work): number {
  return (WRITES[action] * SECOND_MS) / QUEUE_WRITES_A_SECOND;
}

function byTime(one: Awaited, other: Awaited): number {
  return one.dueAt - other.dueAt;
}
