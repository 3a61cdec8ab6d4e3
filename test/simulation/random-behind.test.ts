import { FIXED_SCHEDULES, FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

describe("one thing that goes wrong, where lists are minutes old, reads miss and functions sleep", () => {
  test("costs no store a minute: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("behind", 1, FIXED_SCHEDULES));
    expect(schedules).toBe(FIXED_SCHEDULES);
  });

  test("costs no store a minute: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("behind", freshSeed(), FRESH_SCHEDULES));
    expect(schedules).toBe(FRESH_SCHEDULES);
  });
});
