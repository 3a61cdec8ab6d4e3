import { FIXED_SCHEDULES, FRESH_SCHEDULES, freshSeed, liveThrough, seeds } from "./live-through";

/** Each signs dozens of times with a key of RSA, which costs what two other schedules do. */
const share = (schedules: number) => Math.ceil(schedules / 5);

describe("an app that signs, whose key is changed, to which stores move, and which KMS and Shopify refuse", () => {
  test("loses no store its token: the seeds that are always lived through", async () => {
    const count = share(FIXED_SCHEDULES);
    expect((await liveThrough(seeds("keys", 1, count))).schedules).toBe(count);
  });

  test("loses no store its token: fresh seeds", async () => {
    const count = share(FRESH_SCHEDULES);
    expect((await liveThrough(seeds("keys", freshSeed(), count))).schedules).toBe(count);
  });
});
