import { FIXED_SCHEDULES, FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

describe("one thing that goes wrong among people who do no harm", () => {
  test("costs no store a minute: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("trouble", 1, FIXED_SCHEDULES));
    expect(schedules).toBe(FIXED_SCHEDULES);
  });

  test("costs no store a minute: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("trouble", freshSeed(), FRESH_SCHEDULES));
    expect(schedules).toBe(FRESH_SCHEDULES);
  });
});
