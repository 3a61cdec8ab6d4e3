import type { Patch } from "../patch";
import { CREDENTIALS, FAMILIES, first, PAIR, WELL } from "./directed";
import { buildProduct } from "./functions/bundles";
import { product, seeds } from "./live-through";
import { PLANTED_BUGS } from "./planted-bugs";
import type { Schedule } from "./schedule";
import { casesWith, WRITERS } from "./second-writers";
import { type Life, live } from "./simulation";
import { RENEWALS } from "./single-faults";
import { MINUTE } from "./stage";
import type { Strike } from "./troubles";

const A_DAY_AND_MORE_S = 26 * 3_600;

/** A promise of the engine, a wrong rule that breaks it, and the schedules that show the difference. */
interface Promised {
  readonly promise: string;
  readonly bug: Patch;
  readonly schedules: readonly Schedule[];
  /** What of a life breaks the promise, beside what the judge sees anyway. */
  readonly sees?: (life: Life) => readonly string[];
}

function ofFamily(name: string): readonly Schedule[] {
  const family = FAMILIES.find((one) => one.name === name);
  if (family === undefined) throw new Error(`there is no family ${name}`);
  return family.cases.map(({ schedule }) => schedule);
}

/** What the token endpoint of a renewal is asked, by the number of its requests. */
const asked = ({ troubles }: Life): readonly string[] => {
  const requests = troubles.struck.filter(
    ({ trouble }) => trouble === "answers 400 unknown",
  ).length;
  const [struck] = troubles.struck;
  const again = troubles.seen.filter(
    ({ part, surface }) => part === "sweep" && surface === "tokenEndpoint",
  );
  return struck !== undefined && requests === 1 && again.length > 1
    ? ["a 400 was asked again"]
    : [];
};

const never = (strike: Omit<Strike, "surface" | "operation" | "trouble" | "lasts">): Strike => ({
  ...strike,
  surface: "aws",
  operation: "UpdateSecretVersionStage",
  trouble: "killed before",
  lasts: "request",
});

const PROMISES: readonly Promised[] = [
  {
    promise: "an install that lands during a renewal wins",
    bug: PLANTED_BUGS.promotesOverWhateverIsCurrent,
    schedules: ofFamily("an approval amid a slow sweep"),
  },
  {
    promise: "a new refresh token is not presented before its version is AWSCURRENT",
    bug: PLANTED_BUGS.presentsPendingRefreshToken,
    schedules: [
      {
        ...WELL,
        before: 26,
        happenings: [
          first({ does: "stop sweeps" }, 5 * MINUTE),
          first({ does: "go on with sweeps" }, 45 * MINUTE),
        ],
        strikes: [never({ part: "sweep", after: 0 })],
      },
    ],
  },
  {
    promise: "a pending value past half its life is not promoted",
    bug: PLANTED_BUGS.promotesOldPendingValue,
    schedules: [
      {
        ...WELL,
        stores: [CREDENTIALS],
        quiet: 2 * 60,
        happenings: [
          first({ does: "stop sweeps" }),
          // Every pending version would be given up by a sweep.
          first({ does: "go on with sweeps" }, 23.5 * 60 * MINUTE),
        ],
        // Secrets Manager tries four times in each window, and there is one every eight hours.
        strikes: Array.from({ length: 8 }, (_, after) => never({ part: "rotate", after })),
      },
    ],
  },
  {
    promise: "a missing scope does not stop a renewal",
    bug: PLANTED_BUGS.stopsAtMissingScope,
    schedules: [{ ...WELL, happenings: [first({ does: "lose a scope" })] }],
  },
  {
    promise: "a reply without expires_in is renewed like any other",
    bug: PLANTED_BUGS.takesAbsentLifeAsEndless,
    schedules: [{ ...WELL, shopify: { expiresIn: "absent" } }],
  },
  {
    promise: "a 403 says nothing about the token",
    bug: PLANTED_BUGS.takes403AsDeath,
    schedules: ofFamily("an app's allowlist leaves the functions out").map((schedule) => ({
      ...schedule,
      happenings: [first({ does: "block address", minutes: 180 })],
      quiet: 10,
      storm: { minutes: 170, rate: 0, lies: false },
    })),
    sees: ({ judge }) => (judge.deadMinutes > 0 ? ["a 403 stopped the renewal"] : []),
  },
  {
    promise: "a 400 is asked once",
    bug: PLANTED_BUGS.asksAgainAfter400,
    schedules: [
      {
        ...WELL,
        before: 26,
        quiet: 8,
        strikes: [
          {
            surface: "tokenEndpoint",
            part: "sweep",
            after: 0,
            trouble: "answers 400 unknown",
            lasts: "invocation",
          },
        ],
      },
    ],
    sees: asked,
  },
  {
    promise: "the refusal of a refresh token is believed only while its version is AWSCURRENT",
    bug: PLANTED_BUGS.believesRefusalOfOldToken,
    // Amid the three seconds in which the sweep opens the refresh token.
    schedules: [232_200, 232_600, 231_800].map((afterMs) => ({
      ...WELL,
      before: 26,
      happenings: [
        first({ does: "approve", thinksMs: 2_000, reloads: 0 }, afterMs),
        first({ does: "nothing" }, 15_000),
      ],
      quiet: 5,
      strikes: [
        {
          surface: "aws",
          part: "sweep",
          operation: "Decrypt",
          after: 0,
          trouble: "late by 3 s",
          lasts: "request",
        },
      ],
    })),
    // What is refused because another version is AWSCURRENT by then is no reason to try other refresh tokens.
    sees: ({ world }) =>
      world.output.lines.filter((line) => line.includes("rotation.earlier_refresh_token")),
  },
  {
    promise: "a store gets at most 72 new versions a day, whatever goes wrong",
    bug: PLANTED_BUGS.spacesNoVersions,
    schedules: [
      {
        ...WELL,
        stores: [PAIR],
        before: 26,
        quiet: 26 * 60,
        strikes: [
          {
            surface: "adminApi",
            after: 0,
            trouble: "answers 401 token",
            lasts: A_DAY_AND_MORE_S,
          },
        ],
      },
    ],
    // For as long as every new token is refused no store can be well.
    sees: ({ broken }) => broken.filter((what) => what.includes("new versions")),
  },
];

async function brokenIn(
  { schedules, sees }: Promised,
  patches: readonly Patch[],
): Promise<string[]> {
  const own = patches.length === 0 ? await product() : await buildProduct(patches);
  const broken: string[] = [];
  for (const schedule of schedules) {
    const life = await live(schedule, own);
    broken.push(...(sees === undefined ? life.broken : sees(life)));
    if (patches.length > 0 && broken.length > 0) break;
  }
  return broken;
}

describe.each(PROMISES)("$promise", (promised) => {
  test("holds", async () => {
    expect(await brokenIn(promised, [])).toEqual([]);
  });

  test("is broken by a planted wrong rule", async () => {
    expect(await brokenIn(promised, [promised.bug])).not.toEqual([]);
  });
});

describe("the writers find by name", () => {
  test("a promotion over whatever is current: an approval amid a renewal's own promotion", async () => {
    const [renewal] = RENEWALS;
    const approval = WRITERS.find(({ name }) => name === "an approval");
    if (renewal === undefined || approval === undefined) {
      throw new Error("there is a renewal and an approval");
    }
    const amid = (await casesWith(renewal, approval, await product())).filter(
      ({ name }) => name.startsWith("amid ") && name.includes("UpdateSecretVersionStage"),
    );
    const promised = {
      promise: "",
      bug: PLANTED_BUGS.promotesOverWhateverIsCurrent,
      schedules: amid.map(({ schedule }) => schedule),
    };
    expect(await brokenIn(promised, [])).toEqual([]);
    expect(await brokenIn(promised, [promised.bug])).toEqual([
      "a renewal of acme took the place of a later approval",
    ]);
  });
});

/** How many seeds of a kind a planted bug may live through before it has to be found. */
const MOST_SEEDS = 60;

describe("the random schedules in which AWS and Shopify are at their worst find by name", () => {
  const schedules = [...seeds("behind", 1, MOST_SEEDS)].map(({ schedule }) => schedule);

  test.each<[string, Patch]>([
    ["a life in text, read as one without an end", PLANTED_BUGS.readsLifeInTextAsEndless],
  ])("%s", async (promise, bug) => {
    expect(await brokenIn({ promise, bug, schedules }, [bug])).not.toEqual([]);
  });
});

describe("the random schedules of an app that every merchant may install find by name", () => {
  const schedules = [...seeds("open", 1, MOST_SEEDS)].map(({ schedule }) => schedule);

  test.each<[string, Patch]>([
    ["a reinstall that makes a second secret", PLANTED_BUGS.makesSecondSecret],
    [
      "a store that is made for whoever brings an answer, verified or not",
      PLANTED_BUGS.verifiesNobody,
    ],
  ])("%s", async (promise, bug) => {
    expect(await brokenIn({ promise, bug, schedules }, [bug])).not.toEqual([]);
  });
});

/** A merchant comes back while Shopify's request to forget him is carried out, slowly. */
const BACK_AMID_REMOVAL: Schedule = {
  ...WELL,
  open: {
    newStoresAnHour: 100,
    recoveryWindowDays: 30,
    isFramed: false,
    isManaged: false,
    hasNamesake: false,
  },
  happenings: [
    first({ does: "come", merchant: 1, thinksMs: 2_000, reloads: 0, insists: false }),
    first({ does: "leave", merchant: 1 }, 20 * MINUTE),
    first({ does: "be forgotten", merchant: 1 }, MINUTE),
    first({ does: "come", merchant: 1, thinksMs: 1_500, reloads: 0, insists: false }, 300),
  ],
  strikes: [
    {
      surface: "aws",
      part: "install",
      operation: "DeleteSecret",
      after: 0,
      trouble: "done late by 7 s",
      lasts: "call",
    },
  ],
};

describe("a merchant who comes back amid the removal of his store", () => {
  const promised: Promised = {
    promise: "is let in before it or after it",
    bug: PLANTED_BUGS.leavesFenceOut,
    schedules: [BACK_AMID_REMOVAL],
  };

  test("is let in before it or after it", async () => {
    expect(await brokenIn(promised, [])).toEqual([]);
  });

  test("loses his store where the fence is left out", async () => {
    expect(await brokenIn(promised, [promised.bug])).toEqual([
      "the store of maple.myshopify.com was removed although a token of it lives",
    ]);
  });
});
