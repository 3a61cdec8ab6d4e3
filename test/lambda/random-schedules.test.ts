import fc from "fast-check";
import { live, type Schedule, schedules } from "./world/schedule";

/** How many random schedules are lived through in all. */
const RUNS = Number(process.env["SHOPIFY_SECRETS_SCHEDULES"] ?? 5_000);
/** `<seed>` or `<seed>/<path>`, as a failure prints them; a path needs `-t` and its kind. Default: fresh schedules. */
const [SEED, PATH] = (process.env["SHOPIFY_SECRETS_SEED"] ?? "").split("/");
const REPLAY = {
  ...(SEED === undefined || SEED === "" ? {} : { seed: Number(SEED) }),
  ...(PATH === undefined ? {} : { path: PATH }),
};

/** Schedules that broke a promise once. */
const FOUND: readonly (Schedule & { readonly found: string })[] = [
  {
    found: "two renewals at once, of which Shopify keeps the second, and clocks that are set back",
    happenings: [
      { does: "jump", minutes: 40 },
      { does: "renew_twice" },
      { does: "jump", minutes: -11 },
    ],
    strikes: [],
    isRotated: false,
    switches: { shopify: { overtakenReplacement: "dead" }, model: {} },
  },
];

test.each(FOUND)("$found: the pair lives on", async ({ found: _found, ...schedule }) => {
  const { broken } = await live(schedule, { kind: "offline-expiring" });
  expect(broken).toEqual([]);
});

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
      { numRuns: Math.ceil(RUNS / 2), ...REPLAY },
    );
  });
});
