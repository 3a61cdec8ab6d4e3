import { freshSeed, liveThrough, RANDOM_SCHEDULES, seeds } from "./live-through";

const HALF = Math.ceil(RANDOM_SCHEDULES / 2);

describe("many things that go wrong, and people who do harm", () => {
  test("leave every store alive after one scheduled attempt: the seeds that are always lived through", async () => {
    const { schedules } = await liveThrough(seeds("storm", 1, HALF));
    expect(schedules).toBe(HALF);
  });

  test("leave every store alive after one scheduled attempt: fresh seeds", async () => {
    const { schedules } = await liveThrough(seeds("storm", freshSeed(), HALF));
    expect(schedules).toBe(HALF);
  });
});
