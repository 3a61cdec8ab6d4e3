import { QUEUE_WRITES_A_SECOND } from "../../../contract/capacity";
import { SWEEP_EVERY_MS } from "../../../contract/sweep";
import { type EpochMs, epochMs, later, MINUTE_MS, SECOND_MS } from "../../../contract/time";
import type { Work } from "../../../lambda/sweep/plan";
import { type Awaited, timetableOf } from "../../../lambda/sweep/timetable";

const NOW = epochMs(Date.UTC(2027, 0, 1));
const MANY = 30_000;

function one(key: string, action: Work["action"], dueAt: EpochMs = NOW): Awaited {
  return { store: { secretArn: key }, work: { action }, dueAt } as unknown as Awaited;
}

const many = (action: Work["action"]) =>
  Array.from({ length: MANY }, (_, at) => one(`store-${at}`, action));
const keyOf = ({ store }: Pick<Awaited, "store">): string => store.secretArn;

describe("the turns of a pass", () => {
  test.each(["check", "rest", "refuse"] as const)(
    "a pair that is due in a minute does not wait behind 30,000 stores to %s",
    (action) => {
      // A pair at rest is one that will be renewed when it is due.
      for (const own of ["renew", "rest"] as const) {
        const pair = one("pair", own, later(NOW, MINUTE_MS));
        const { departures, left } = timetableOf([...many(action), pair], NOW);
        const leaves = departures.find((departure) => keyOf(departure) === "pair");
        expect(leaves?.afterMs).toBe(MINUTE_MS);
        expect(departures.length + left.length).toBe(MANY + 1);
        // Nothing of the time between is wasted on it.
        const most = (SWEEP_EVERY_MS / SECOND_MS) * QUEUE_WRITES_A_SECOND;
        expect(departures.length).toBeGreaterThan(most - 3);
      }
    },
  );

  test("no more leave in a second than Secrets Manager takes writes, whatever is due", () => {
    const pairs = Array.from({ length: 500 }, (_, at) =>
      one(`pair-${at}`, "renew", later(NOW, MINUTE_MS + at)),
    );
    const { departures } = timetableOf([...many("check"), ...pairs], NOW);
    const writes = new Map<number, number>();
    for (const { afterMs, work } of departures) {
      const second = Math.floor(afterMs / SECOND_MS);
      writes.set(second, (writes.get(second) ?? 0) + (work.action === "renew" ? 2 : 1));
    }
    expect(Math.max(...writes.values())).toBeLessThanOrEqual(QUEUE_WRITES_A_SECOND + 2);
    const times = departures.map(({ afterMs }) => afterMs);
    expect(times).toEqual([...times].sort((earlier, after) => earlier - after));
  });

  test("of those that are due at once the first ones go first", () => {
    const due = ["c", "a", "b"].map((key) => one(key, "renew"));
    const { departures } = timetableOf([...due, one("check", "check")], NOW);
    expect(departures.map(keyOf)).toEqual(["c", "a", "b", "check"]);
  });
});
