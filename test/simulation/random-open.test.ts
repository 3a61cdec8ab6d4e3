import { FIXED_SCHEDULES, FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

/** Each has up to eight stores, and costs what three others do; `npm run simulate -- --kind open --schedules 10000` lives through more. */
const share = (schedules: number) => Math.ceil(schedules / 12);

describe("merchants whom nobody declared, who come, think, leave, are forgotten and come back", () => {
  test("have one store that works, or read why not: the seeds that are always lived through", async () => {
    const count = share(FIXED_SCHEDULES);
    expect((await liveThrough(seeds("open", 1, count))).schedules).toBe(count);
  });

  test("have one store that works, or read why not: fresh seeds", async () => {
    const count = share(FRESH_SCHEDULES);
    expect((await liveThrough(seeds("open", freshSeed(), count))).schedules).toBe(count);
  });
});
