import { FIXED_SCHEDULES, FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

describe("many things that go wrong, and people who do harm", () => {
  test("leave every store alive after one scheduled attempt: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("storm", 1, FIXED_SCHEDULES));
    expect(schedules).toBe(FIXED_SCHEDULES);
  });

  test("leave every store alive after one scheduled attempt: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("storm", freshSeed(), FRESH_SCHEDULES));
    expect(schedules).toBe(FRESH_SCHEDULES);
  });
});
