import type { Doing, Happening, Schedule, StorePlan } from "./schedule";
import { MINUTE } from "./stage";
import type { Case } from "./tally";
import type { Strike } from "./troubles";

/** A family of schedules that goes for one kind of trouble; every strike of every case has to strike. */
export interface Family {
  readonly name: string;
  readonly cases: readonly Case[];
}

export const PAIR: StorePlan = { kind: "offline-expiring", hasValue: true, isRotated: false };
export const ENDLESS: StorePlan = { kind: "offline", hasValue: true, isRotated: false };
export const CREDENTIALS: StorePlan = {
  kind: "client-credentials",
  hasValue: true,
  isRotated: true,
};

/** A schedule in which all is well; a store was approved so long ago that it may be approved again. */
export const WELL: Schedule = {
  seed: 1,
  stores: [PAIR],
  before: 21,
  happenings: [],
  strikes: [],
  storm: undefined,
  quiet: 130,
  shopify: {},
  model: {},
  awsAheadMs: 0,
};

/** How far apart two who act at the same time begin, in milliseconds. */
export const OFFSETS: readonly number[] = Array.from({ length: 66 }, (_, step) => step * 20);

export const first = (doing: Doing, afterMs = 0): Happening => ({ store: 0, afterMs, ...doing });

export const approve: Doing = { does: "approve", thinksMs: 2_000, reloads: 0 };

/** Somebody whose browser approves over and over: so many times, evenly over an hour. */
const allHour = (times: number): Happening[] =>
  Array.from({ length: times }, () => first(approve, Math.round((60 * MINUTE) / times)));

function overOffsets(
  name: string,
  scheduleAt: (offsetMs: number, seed: number) => Partial<Schedule>,
): Family {
  return {
    name,
    cases: OFFSETS.map((offsetMs, index) => ({
      name: `${offsetMs} ms apart`,
      schedule: { ...WELL, seed: index + 1, ...scheduleAt(offsetMs, index + 1) },
    })),
  };
}

const lateExchange = (after: number): Strike => ({
  surface: "tokenEndpoint",
  after,
  trouble: "late by 3 s",
  lasts: "request",
});

/** Two passes that each come twice: by the second one there are two warm processes, and the pair is due. */
export const twice = (offsetMs: number): Happening[] => [
  first({ does: "sweep again", laterMs: [0] }),
  first({ does: "sweep again", laterMs: [offsetMs / 2] }, 10 * MINUTE),
];

export const NEVER_PROMOTED: Strike = {
  surface: "aws",
  part: "install",
  operation: "UpdateSecretVersionStage",
  after: 0,
  trouble: "killed before",
  lasts: "request",
};

/** Something is cut off, no sweep comes for so many minutes (65: longer than its token lives), and then one comes twice. */
export const takenUpTwice = (
  offsetMs: number,
  { cutOff, minutes }: { readonly cutOff: Doing; readonly minutes: number } = ENDED_APPROVAL,
): Happening[] => [
  first({ does: "stop sweeps" }),
  first(cutOff),
  first({ does: "sweep again", laterMs: [offsetMs] }, minutes * MINUTE),
  first({ does: "go on with sweeps" }),
];

const ENDED_APPROVAL = { cutOff: approve, minutes: 65 } as const;

const SLOW_CHECK: Strike = {
  surface: "adminApi",
  part: "sweep",
  after: 1,
  trouble: "late by 3 s",
  lasts: "request",
};

const REPLAYS = ["new-pair", "same-pair", "same-pair-as-it-was"] as const;

export const HARD = { overtakenReplacement: "dead" } as const;

/** What only Shopify and AWS can confirm, each in the position that makes a renewal hardest. */
export const WORSE = {
  shopify: { ...HARD, clientCredentialsOverlap: "old-dies", expiresIn: "absent" },
  model: {
    missedReads: 1,
    clearPendingAfterFinish: false,
    retryAfterLabelLost: true,
    firstValueBecomesCurrent: false,
  },
  listLagMs: 5 * MINUTE,
} as const satisfies Partial<Schedule>;

/** Approvals that come at once: with what keeps them apart, and with what is behind it. */
const APPROVALS: readonly Family[] = [
  overOffsets("two approvals", (offsetMs) => ({
    happenings: [first(approve), first(approve, offsetMs)],
  })),
  overOffsets("two approvals, the first reply slow", (offsetMs) => ({
    happenings: [first(approve), first(approve, offsetMs)],
    strikes: [lateExchange(0)],
  })),
  overOffsets("two approvals, the second reply slow", (offsetMs) => ({
    happenings: [first(approve), first(approve, offsetMs)],
    strikes: [lateExchange(1)],
  })),
  overOffsets("two first approvals", (offsetMs) => ({
    stores: [{ ...PAIR, hasValue: false }],
    happenings: [first(approve), first(approve, offsetMs)],
  })),
  overOffsets("three approvals, the first reply slow", (offsetMs) => ({
    happenings: [first(approve), first(approve, offsetMs), first(approve, offsetMs)],
    strikes: [lateExchange(0)],
  })),
];

/** Two who act on the same store at the same time, and one who is killed or slow. */
export const FAMILIES: readonly Family[] = [
  ...APPROVALS,
  ...APPROVALS.map(({ name, cases }) => ({
    name: `${name}, past the fence`,
    cases: cases.map((one) => ({ ...one, schedule: { ...one.schedule, isFenceless: true } })),
  })),
  overOffsets("a migration and an approval", (offsetMs) => ({
    stores: [ENDLESS],
    // A migration begins with the command's own calls, an approval with the merchant's two seconds.
    happenings: [first(approve), first({ does: "migrate" }, 1_200 + offsetMs)],
  })),
  overOffsets("a migration, and an approval that is never promoted", (offsetMs) => ({
    stores: [ENDLESS],
    happenings: [first(approve), first({ does: "migrate" }, 1_200 + offsetMs)],
    strikes: [NEVER_PROMOTED],
  })),
  overOffsets("a migration that is cut off with its command, and an approval", (offsetMs) => ({
    stores: [ENDLESS],
    happenings: [first(approve), first({ does: "migrate" }, 1_200 + offsetMs)],
    strikes: [
      {
        surface: "aws",
        part: "sweep",
        operation: "UpdateSecretVersionStage",
        after: 0,
        trouble: "killed before",
        lasts: "request",
      },
      {
        surface: "aws",
        part: "command",
        operation: "Invoke",
        after: 0,
        trouble: "killed after",
        lasts: "request",
      },
    ],
  })),
  overOffsets("a migration and an approval, the first reply slow", (offsetMs) => ({
    stores: [ENDLESS],
    happenings: [first(approve), first({ does: "migrate" }, 1_200 + offsetMs)],
    strikes: [lateExchange(0)],
  })),
  // The pass comes 30 minutes after the store's approval; what is granted in it lands before, amid and after it.
  overOffsets("an approval amid a sweep", (offsetMs) => ({
    before: 26,
    happenings: [first(approve, 230_500 + 2 * offsetMs)],
  })),
  overOffsets("an approval amid a slow sweep", (offsetMs) => ({
    before: 26,
    happenings: [first(approve, 230_500 + 2 * offsetMs)],
    strikes: [
      { surface: "adminApi", part: "sweep", after: 0, trouble: "late by 3 s", lasts: "request" },
    ],
  })),
  overOffsets("a doubly delivered sweep", (offsetMs) => ({
    before: 16,
    shopify: HARD,
    happenings: twice(offsetMs),
  })),
  overOffsets(
    "a doubly delivered sweep, and a failure in the next renewal's rescue",
    (offsetMs, seed) => ({
      before: 16,
      shopify: HARD,
      happenings: twice(offsetMs),
      strikes: [
        {
          surface: "tokenEndpoint",
          part: "sweep",
          after: 3,
          trouble: ["answers 503", "reset before", "answers 429", "hangs before"][
            seed % 4
          ] as string,
          lasts: "invocation",
        },
      ],
    }),
  ),
  overOffsets("two sweeps that take up an install that ended", (offsetMs) => ({
    happenings: takenUpTwice(offsetMs),
    strikes: [NEVER_PROMOTED],
  })),
  overOffsets("two sweeps that take up an install that ended, one of them slow", (offsetMs) => ({
    happenings: takenUpTwice(offsetMs),
    strikes: [NEVER_PROMOTED, SLOW_CHECK],
  })),
  overOffsets("two sweeps that take up an install that was cut off", (offsetMs) => ({
    happenings: takenUpTwice(offsetMs, { cutOff: approve, minutes: 5 }),
    strikes: [NEVER_PROMOTED],
  })),
  ...[5, 65].map((minutes) =>
    overOffsets(
      `two sweeps that take up a migration that was cut off ${minutes} minutes ago`,
      (offsetMs) => ({
        stores: [ENDLESS],
        happenings: takenUpTwice(offsetMs, { cutOff: { does: "migrate" }, minutes }),
        strikes: [{ ...NEVER_PROMOTED, part: "sweep" }],
      }),
    ),
  ),
  overOffsets("two sweeps that take up a migration that ended, one of them slow", (offsetMs) => ({
    stores: [ENDLESS],
    happenings: takenUpTwice(offsetMs, { cutOff: { does: "migrate" }, minutes: 65 }),
    strikes: [{ ...NEVER_PROMOTED, part: "sweep" }, SLOW_CHECK],
  })),
  {
    name: "a browser that approves all hour",
    cases: [60, 101, 1_000].map((times) => ({
      name: `${times} times`,
      schedule: { ...WELL, happenings: allHour(times), quiet: 26 * 60 },
    })),
  },
  {
    name: "an app's allowlist leaves the functions out",
    cases: [
      {
        name: "for three hours",
        schedule: {
          ...WELL,
          happenings: [
            first({ does: "block address", minutes: 180 }),
            first({ does: "nothing" }, 181 * MINUTE),
          ],
        },
      },
    ],
  },
  {
    name: "a renewal's reply is lost, and no sweep comes until its token has ended",
    cases: REPLAYS.map((refreshReplay) => ({
      name: refreshReplay,
      schedule: {
        ...WELL,
        before: 26,
        shopify: { refreshReplay },
        graceMinutes: 12,
        happenings: [
          first({ does: "stop sweeps" }, 5 * MINUTE),
          first({ does: "go on with sweeps" }, 70 * MINUTE),
        ],
        strikes: [
          {
            surface: "tokenEndpoint",
            part: "sweep",
            after: 0,
            trouble: "killed after",
            lasts: "request",
          },
        ],
      },
    })),
  },
  overOffsets("a rotation and a renewal of client credentials", (offsetMs) => ({
    stores: [CREDENTIALS],
    quiet: 26 * 60,
    happenings: [
      first({ does: "rotate" }),
      first({ does: "enrol" }, offsetMs),
      first({ does: "rotate" }, offsetMs),
    ],
  })),
];
