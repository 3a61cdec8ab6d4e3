import fc from "fast-check";
import { live, schedules } from "./world/schedule";

/** How many random schedules are lived through in all. */
const RUNS = Number(process.env["SHOPIFY_SECRETS_SCHEDULES"] ?? 5_000);

describe("random schedules of faults, late and double deliveries, installs and client-secret changes", () => {
  test.each([
    { kind: "client-credentials", lifeMinutes: 1_440 },
    { kind: "offline-expiring", lifeMinutes: 60 },
  ] as const)("break no promise of a $kind store", async ({ kind, lifeMinutes }) => {
    await fc.assert(
      fc.asyncProperty(schedules(lifeMinutes), async (schedule) => {
        const { broken } = await live(schedule, { kind });
        expect(broken).toEqual([]);
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });
});
