import { FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

/** How many of the same seeds each time; `npm run simulate -- --kind approvals --schedules 10000` lives through more. */
const PAIRS = 200;

describe("two approvals of one store, any time apart", () => {
  test("leave a pair that lives, and no page that says otherwise: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("approvals", 1, PAIRS));
    expect(schedules).toBe(PAIRS);
  });

  test("leave a pair that lives, and no page that says otherwise: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("approvals", freshSeed(), FRESH_SCHEDULES));
    expect(schedules).toBe(FRESH_SCHEDULES);
  });
});
