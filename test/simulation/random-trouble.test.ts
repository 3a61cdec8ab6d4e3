import { freshSeed, liveThrough, RANDOM_SCHEDULES, seeds } from "./live-through";

const HALF = Math.ceil(RANDOM_SCHEDULES / 2);

describe("one thing that goes wrong among people who do no harm", () => {
  test("costs no store a minute: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("trouble", 1, HALF));
    expect(schedules).toBe(HALF);
  });

  test("costs no store a minute: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("trouble", freshSeed(), HALF));
    expect(schedules).toBe(HALF);
  });
});
