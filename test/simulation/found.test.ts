import { CREDENTIALS, ENDLESS, first, PAIR, WELL } from "./directed";
import { liveThrough } from "./live-through";
import { type OpenPlan, scheduleOf } from "./schedule";
import { MINUTE } from "./stage";
import type { Case } from "./tally";

/** An app that every merchant may install. */
const OPEN: OpenPlan = {
  newStoresAnHour: 100,
  recoveryWindowDays: 30,
  isFramed: false,
  isManaged: false,
  hasNamesake: false,
};

/** A merchant who comes by himself, and reads the page that he gets. */
const comes = (merchant: number, how: { readonly thinksMs: number; readonly insists?: boolean }) =>
  ({ does: "come", merchant, reloads: 2, insists: false, ...how }) as const;

/** Schedules that broke a promise once, with what was wrong. */
const FOUND: readonly Case[] = [
  {
    name: "a merchant comes back to a public app that signs: its key was asked for a token an hour later",
    schedule: {
      ...WELL,
      seed: 197122537,
      stores: [ENDLESS],
      signs: "public",
      before: 50,
      quiet: 150,
      happenings: [
        first({ does: "approve", thinksMs: 8_084, reloads: 0 }, 2_237_171),
        first({ does: "uninstall" }, 829),
        first({ does: "move to the key" }, 1_351),
      ],
    },
  },
  {
    name: "the same while the key is disabled, so that the uninstall is all that the status tells",
    schedule: {
      ...WELL,
      seed: 197122537,
      stores: [ENDLESS],
      signs: "public",
      before: 50,
      quiet: 150,
      happenings: [
        first({ does: "approve", thinksMs: 8_084, reloads: 0 }, 2_237_171),
        first({ does: "disable the key", minutes: 86 }, 338),
        first({ does: "uninstall" }, 829),
        first({ does: "move to the key" }, 1_351),
        first({ does: "rotate" }, 809),
      ],
    },
  },
  {
    name: "an operator renews a store that awaits its merchant: it was told to be well again at every sweep",
    schedule: {
      ...WELL,
      stores: [{ ...PAIR, hasValue: false }],
      happenings: [first({ does: "rotate" })],
    },
  },
  {
    name: "a store that was never enrolled becomes one that its merchant approves: it was told to be well again at every sweep",
    schedule: {
      ...WELL,
      stores: [{ ...CREDENTIALS, hasValue: false, isRotated: false }],
      before: 30,
      happenings: [first({ does: "migrate" })],
    },
  },
  {
    name: "client credentials are answered once as a dead refresh token: it was believed for a day",
    schedule: {
      ...WELL,
      stores: [{ ...CREDENTIALS, isRotated: false }],
      before: 12 * 60 + 2,
      quiet: 26 * 60,
      happenings: [first({ does: "nothing" }, 10 * MINUTE)],
      strikes: [
        {
          surface: "tokenEndpoint",
          part: "sweep",
          after: 0,
          trouble: "answers 401 refresh token",
          lasts: "invocation",
        },
      ],
    },
  },
  {
    name: "a function that was idle for weeks is asked, and asked again when it is awake",
    schedule: {
      ...WELL,
      happenings: [
        first({ does: "fall asleep", function: "install" }),
        first({ does: "approve", thinksMs: 2_000, reloads: 1 }),
        first({ does: "approve", thinksMs: 2_000, reloads: 1 }, 3 * MINUTE),
      ],
    },
  },
  {
    name: "a migration is killed at its first check: the old token was dead, and the command left it to the next sweep",
    schedule: {
      ...WELL,
      stores: [ENDLESS],
      before: 50,
      happenings: [
        first({ does: "migrate" }, 662),
        first({ does: "approve", thinksMs: 4_185, reloads: 0 }, 40 * MINUTE),
      ],
      strikes: [
        {
          surface: "adminApi",
          part: "sweep",
          after: 0,
          trouble: "killed before",
          lasts: "request",
        },
      ],
    },
  },
  {
    name: "a new client-credentials token ends the old one, and its reply is lost where no schedule tries again",
    schedule: {
      ...WELL,
      stores: [{ ...CREDENTIALS, isRotated: false }],
      before: 60,
      quiet: 26 * 60,
      shopify: { clientCredentialsOverlap: "old-dies" },
      graceMinutes: 12,
      happenings: [first({ does: "new client secret" }), first({ does: "nothing" }, MINUTE)],
      strikes: [
        {
          surface: "tokenEndpoint",
          part: "enrol",
          after: 0,
          trouble: "reset after",
          lasts: "invocation",
        },
      ],
    },
  },
  {
    name: "a merchant approves once more after an approval that was killed: who was told that all is well was asked nothing",
    schedule: {
      ...WELL,
      stores: [PAIR],
      before: 27,
      quiet: 150,
      shopify: { overtakenReplacement: "dead" },
      happenings: [
        first({ does: "approve", thinksMs: 6_175, reloads: 1 }, 45 * MINUTE),
        first({ does: "approve", thinksMs: 3_948, reloads: 0 }, 43 * MINUTE),
      ],
      strikes: [
        {
          surface: "tokenEndpoint",
          part: "install",
          after: 0,
          trouble: "killed after",
          lasts: "invocation",
        },
      ],
    },
  },
  {
    name: "an operator puts a token that is dead, and its check comes to no end: the record says so",
    schedule: scheduleOf("storm", 1_570_665_229),
  },
  {
    name: "an app is uninstalled between the storing of a token and its promotion: a dead token has no half of its life",
    schedule: scheduleOf("storm", 81_004_020),
  },
  {
    name: "the third of three strikes comes after the calm: the attempt after it is the one that counts",
    schedule: scheduleOf("storm", 95_002_229),
  },
  {
    name: "an operator rolls back while a put has not heard that its label was moved: the put ends as it was asked to",
    schedule: scheduleOf("storm", 95_010_904),
  },
  {
    name: "an up enrols a store anew that was rolled back behind a change of the client secret",
    schedule: scheduleOf("storm", 95_011_566),
  },
  {
    name: "a refresh is answered with the pair of before in its last second: a whole hour was assumed",
    schedule: scheduleOf("storm", 40_001_327),
  },
  {
    name: "a pair that ended before it was promoted comes again: its renewal waited for the time between two versions",
    schedule: scheduleOf("storm", 40_002_084),
  },
  {
    name: "a store that was told of is uninstalled: at the first refusal it was told to be well again",
    schedule: scheduleOf("storm", 40_000_020),
  },
  {
    name: "the renewal of a pair that comes again short is cut off: it waited for the time between two versions",
    schedule: scheduleOf("storm", 40_006_041),
  },
  {
    name: "a token that nobody can renew is read in its last second, which its record does not count",
    schedule: scheduleOf("trouble", 50_001_264),
  },
  {
    name: "an operator rolls back: the next sweep took the version up again that was rolled back from",
    schedule: {
      ...WELL,
      stores: [{ ...CREDENTIALS, isRotated: false }],
      before: 12 * 60 + 5,
      quiet: 15 * 60,
      happenings: [first({ does: "roll back" }, 10 * MINUTE)],
    },
  },
  {
    name: "AWS hangs while an application reads the token of a migration: it had a minute for it",
    schedule: scheduleOf("trouble", 50_007_206),
  },
  {
    name: "a merchant leaves, Shopify's word of it is lost, and he is back: for an hour he read that he was not needed",
    schedule: {
      ...WELL,
      seed: 2,
      open: { ...OPEN, newStoresAnHour: 3, recoveryWindowDays: 7 },
      before: 39,
      happenings: [
        first(comes(1, { thinksMs: 4_759, insists: true }), 13_778),
        first({ does: "leave", merchant: 1 }, 11_197),
        first(comes(1, { thinksMs: 4_759, insists: true }), 1_500),
      ],
      storm: { minutes: 84, rate: 0.15, lies: true },
      quiet: 150,
    },
  },
  {
    name: "Shopify asks that a shop be forgotten whose token is refused with a 403: that was acknowledged, and nothing removed",
    schedule: {
      ...WELL,
      seed: 2147483625,
      open: { ...OPEN, newStoresAnHour: 2, hasNamesake: true },
      before: 2,
      happenings: [
        first(comes(0, { thinksMs: 8_991 }), 1_496),
        first({ does: "leave", merchant: 0 }, 1_696_854),
        first({ does: "be forgotten", merchant: 0 }, 500),
      ],
      strikes: [{ surface: "adminApi", after: 1, trouble: "answers 403 flagged", lasts: 900 }],
      quiet: 150,
    },
  },
  {
    name: "a merchant uninstalls the app amid his first approval: no token of his lives that could be kept",
    schedule: {
      ...WELL,
      seed: 22,
      open: { ...OPEN, newStoresAnHour: 2, hasNamesake: true },
      before: 2,
      model: { firstValueBecomesCurrent: false },
      happenings: [
        first(comes(4, { thinksMs: 1_150 }), 1_489),
        first({ does: "leave", merchant: 4 }, 2_693),
      ],
      quiet: 150,
    },
  },
];

test.each(FOUND)("$name", async (found) => {
  const { schedules } = await liveThrough([found]);
  expect(schedules).toBe(1);
});
