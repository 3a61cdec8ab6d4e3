import fc from "fast-check";
import type { Kind } from "../../contract/kinds";
import type { ModelSwitches } from "../../local/secrets-manager/switches";
import type { Switches } from "../../local/shopify/switches";
import { type Coming, type Forgery, MERCHANTS } from "./actors/newcomer";
import type { FunctionName } from "./functions/lambda-service";
import { MINUTE } from "./stage";
import { type Storm, type Strike, SURFACES, type Surface, troublesOf } from "./troubles";
import type { OpenOptions, SigningDistribution } from "./world";

/** A store of a schedule. */
export interface StorePlan {
  readonly kind: Kind;
  /** Whether it has a value before anything happens. */
  readonly hasValue: boolean;
  /** Whether Secrets Manager rotates it; only client credentials are. */
  readonly isRotated: boolean;
}

/** Something that somebody does beside the schedules, at a moment after the last one. */
export type Happening = { readonly afterMs: number; readonly store: number } & Doing;

export type Doing =
  | { readonly does: "nothing" }
  /** The next pass of the sweep is delivered again, this much later. */
  | { readonly does: "sweep again"; readonly laterMs: readonly number[] }
  | { readonly does: "sweep" | "check" | "rotate" | "migrate" | "enrol" | "roll back" | "unstick" }
  /** Somebody presses the button of Secrets Manager's own console. */
  | { readonly does: "rotate in the console" }
  | { readonly does: "approve"; readonly thinksMs: number; readonly reloads: number }
  /** A step that Secrets Manager delivered before comes again. */
  | { readonly does: "deliver step again"; readonly which: number }
  | { readonly does: "new client secret" | "wrong client secret" | "revoke old client secrets" }
  /** Somebody who changes the app's key does the next step, as the command leads. */
  | { readonly does: "go on with the key" }
  /** Config declares the store for the app's key, whatever it had. */
  | { readonly does: "move to the key" }
  | { readonly does: "disable the key" | "delete the key"; readonly minutes: number }
  | { readonly does: "revoke the key" }
  /** Pulumi wrote the app secret, and enrolled nobody afterwards. */
  | { readonly does: "new client secret alone" }
  | { readonly does: "uninstall" | "put" | "lose a scope" }
  | { readonly does: "freeze" | "lock" | "block address"; readonly minutes: number }
  | { readonly does: "fall asleep"; readonly function: FunctionName }
  /** EventBridge calls nobody from then on, or does so again. */
  | { readonly does: "stop sweeps" | "go on with sweeps" }
  /** A merchant whom nobody declared; the one after the last has a store in config. */
  | ({ readonly does: "come"; readonly merchant: number } & Coming)
  /** The first so many of them, this far apart. */
  | ({
      readonly does: "many come";
      readonly merchants: number;
      readonly apartMs: number;
    } & Coming)
  | { readonly does: "leave" | "be forgotten"; readonly merchant: number }
  | { readonly does: "forge"; readonly merchant: number; readonly how: Forgery }
  | { readonly does: "recycle" }
  | { readonly does: "move clock"; readonly byMs: number };

/**
 * Somebody who acts between two calls of somebody else: he begins right when a request leaves, which is carried out
 * when he has come to his end.
 */
export interface Amid {
  /** How many requests go before, counted from the moment that troubles begin. */
  readonly after: number;
  readonly doing: Doing;
}

/** An app that every merchant may install, and who may come. */
export interface OpenPlan extends OpenOptions {
  /** Whether a store of config has the first merchant's handle as its key, and another shop. */
  readonly hasNamesake: boolean;
}

/** A store's days: what is declared, what happens and what goes wrong; JSON, so that it can be kept. */
export interface Schedule {
  readonly seed: number;
  readonly stores: readonly StorePlan[];
  /** How long all is well before, in minutes. */
  readonly before: number;
  readonly happenings: readonly Happening[];
  readonly strikes: readonly Strike[];
  /** Default: nobody. */
  readonly amid?: Amid;
  readonly storm: Storm | undefined;
  /** How long all is well afterwards, in minutes: applications read in every one. */
  readonly quiet: number;
  readonly shopify: Partial<Switches>;
  readonly model: Partial<ModelSwitches>;
  readonly awsAheadMs: number;
  /** Whether approvals go on side by side, as they do when their calls are too slow for the fence between them. Default: false. */
  readonly isFenceless?: boolean;
  /** Whether the app signs, and how it is distributed. Default: it presents its client secret. */
  readonly signs?: SigningDistribution;
  /** What config says of an app that every merchant may install. Default: only declared stores may. */
  readonly open?: OpenPlan;
  /** How far ListSecrets may be behind, in milliseconds: AWS allows five minutes. Default: 0. */
  readonly listLagMs?: number;
  /**
   * How long a store may be dead although it could live, in minutes. Default: none when one thing went wrong, else one
   * scheduled attempt of its kind.
   */
  readonly graceMinutes?: number;
}

/**
 * Where a new client-credentials token ends the one before it, a renewal that is cut off leaves the store dead until it
 * is taken up: by Secrets Manager's next try, and where somebody took the label away, in its next window.
 */
export const HEALED_MINUTES = 9.5 * 60;

/**
 * Rules of Shopify and AWS that only they can confirm, in any position, but for one pair of them: where a
 * replayed refresh yields the same pair and no reply says how long it lives, nobody can know its age, and
 * the store is renewed up to ten minutes late.
 */
const SWITCHES: fc.Arbitrary<Pick<Schedule, "shopify" | "model" | "graceMinutes">> = fc
  .record({
    shopify: fc.record({
      refreshReplay: fc.constantFrom(
        "new-pair" as const,
        "new-pair" as const,
        "same-pair" as const,
        "same-pair-as-it-was" as const,
      ),
      overtakenReplacement: fc.constantFrom("alive" as const, "dead" as const),
      deadRefreshTokenAnswer: fc.constantFrom(
        "401-invalid-request" as const,
        "400-invalid-grant" as const,
      ),
      wrongSecretAnswer: fc.constantFrom(
        "400-invalid-request" as const,
        "401-invalid-client" as const,
      ),
      expiresIn: fc.constantFrom("number" as const, "number" as const, "absent" as const),
      authorizeWhenInstalled: fc.constantFrom("page" as const, "redirect-at-once" as const),
    }),
    model: fc.record({
      clearPendingAfterFinish: fc.boolean(),
      retryAfterLabelLost: fc.boolean(),
      firstValueBecomesCurrent: fc.boolean(),
      windowPoint: fc.constantFrom("earliest" as const, "latest" as const, "spread" as const),
    }),
  })
  .filter(({ shopify }) => shopify.refreshReplay === "new-pair" || shopify.expiresIn !== "absent");

const KIND = fc.constantFrom<Kind>(
  "offline-expiring",
  "offline-expiring",
  "offline-expiring",
  "client-credentials",
  "client-credentials",
  "offline",
);

const storePlan: fc.Arbitrary<StorePlan> = fc
  .record({
    kind: KIND,
    hasValue: fc.boolean(),
    isFirst: fc.nat({ max: 3 }),
    isRotated: fc.boolean(),
  })
  .map(({ kind, hasValue, isFirst, isRotated }) => ({
    kind,
    // Most stores had a value long before.
    hasValue: hasValue || isFirst > 0,
    isRotated: isRotated && kind === "client-credentials",
  }));

/** Waits between two happenings: side by side, within an invocation, or a good part of an hour's life. */
const afterMs = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_500 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1_500, max: 20_000 }) },
  { weight: 4, arbitrary: fc.integer({ min: MINUTE, max: 45 * MINUTE }) },
);

const plainly = <D extends string>(...choices: readonly D[]) =>
  fc.record({ does: fc.constantFrom(...choices) });

const approving = fc.record({
  does: fc.constant("approve" as const),
  thinksMs: fc.integer({ min: 500, max: 9_000 }),
  reloads: fc.nat({ max: 1 }),
});

const sweepingAgain = fc.record({
  does: fc.constant("sweep again" as const),
  laterMs: fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 2 }),
});

/** What may happen to a store that is well, and harms nobody. */
const HARMLESS: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 3, arbitrary: sweepingAgain },
  { weight: 4, arbitrary: plainly("sweep", "check", "rotate", "enrol", "migrate") },
  { weight: 4, arbitrary: approving },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("deliver step again" as const),
      which: fc.nat({ max: 30 }),
    }),
  },
  { weight: 1, arbitrary: plainly("recycle", "nothing") },
);

/** What people and time do beside, some of which costs a store its token for a while. */
const ANYTHING: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 8, arbitrary: HARMLESS },
  {
    weight: 2,
    arbitrary: plainly(
      "new client secret",
      "wrong client secret",
      "revoke old client secrets",
      "uninstall",
      "put",
      "roll back",
      "unstick",
      "lose a scope",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constantFrom("freeze" as const, "lock" as const, "block address" as const),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("fall asleep" as const),
      function: fc.constantFrom<FunctionName>("rotate", "enrol", "install"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("move clock" as const),
      // Nobody can tell a clock that was set back by more from a token that lives for longer.
      byMs: fc.integer({ min: -2 * MINUTE, max: 90 * MINUTE }),
    }),
  },
);

function happenings(
  doing: fc.Arbitrary<Doing>,
  most: number,
): fc.Arbitrary<Schedule["happenings"]> {
  const happening = fc
    .tuple(fc.record({ afterMs, store: fc.constantFrom(0, 0, 0, 1) }), doing)
    .map(([when, what]) => ({ ...when, ...what }));
  return fc.array(happening, { minLength: 1, maxLength: most });
}

const strikeAt = (surface: Surface): fc.Arbitrary<Strike> =>
  fc.record({
    surface: fc.constant(surface),
    after: fc.nat({ max: surface === "aws" ? 60 : 8 }),
    trouble: fc.constantFrom(...troublesOf(surface)),
    lasts: fc.constantFrom<Strike["lasts"]>("request", "request", "call", "invocation", 5),
  });

const strike = fc.oneof(...SURFACES.map(strikeAt));

const seed = fc.noShrink(fc.nat({ max: 2 ** 31 - 1 }));

const seconds = 1_000;
const hours = 3_600 * seconds;
const skew = fc.constantFrom(
  0,
  0,
  0,
  5 * seconds,
  -5 * seconds,
  40 * seconds,
  -80 * seconds,
  hours,
  -3 * hours,
);

const base = {
  seed,
  stores: fc.array(storePlan, { minLength: 1, maxLength: 2 }),
  awsAheadMs: skew,
  before: fc.integer({ min: 0, max: 50 }),
  switches: SWITCHES,
};

/** One trouble at most, among people who do no harm: nothing may come of it. */
const oneTrouble: fc.Arbitrary<Schedule> = fc
  .record({
    ...base,
    happenings: happenings(HARMLESS, 4),
    strikes: fc.array(strike, { minLength: 1, maxLength: 1 }),
  })
  .map(({ switches, ...rest }) => ({ ...rest, ...switches, storm: undefined, quiet: 150 }));

/** Anything may happen, and any request may be in trouble for a while. */
const storm: fc.Arbitrary<Schedule> = fc
  .record({
    ...base,
    happenings: happenings(ANYTHING, 9),
    strikes: fc.array(strike, { maxLength: 3 }),
    storm: fc.option(
      fc.record({
        minutes: fc.integer({ min: 5, max: 90 }),
        rate: fc.constantFrom(0.05, 0.15, 0.4),
        lies: fc.boolean(),
      }),
      { nil: undefined },
    ),
  })
  .map(({ switches, ...rest }) => ({ ...rest, ...switches, quiet: 150 }));

/** Answers that are slow, and none so slow that a call gives it up. */
const slowness = fc
  .tuple(
    fc.constantFrom<[Surface, string]>(
      ["tokenEndpoint", "late by 3 s"],
      ["tokenEndpoint", "late by 10 s"],
      ["adminApi", "late by 3 s"],
      ["aws", "late by 3 s"],
    ),
    fc.nat({ max: 40 }),
  )
  .map(
    ([[surface, trouble], after]): Strike => ({
      surface,
      part: "install",
      after: surface === "aws" ? after : after % 3,
      trouble,
      lasts: "request",
    }),
  );

/** Two approvals of one store within seconds of each other, some calls of theirs slow: one pair lives, and no page is false. */
const twoApprovals: fc.Arbitrary<Schedule> = fc
  .record({
    seed,
    store: fc.constantFrom<StorePlan>(
      { kind: "offline-expiring", hasValue: true, isRotated: false },
      { kind: "offline-expiring", hasValue: true, isRotated: false },
      { kind: "offline-expiring", hasValue: false, isRotated: false },
    ),
    before: fc.integer({ min: 0, max: 45 }),
    first: fc.integer({ min: 500, max: 9_000 }),
    second: fc.integer({ min: 500, max: 9_000 }),
    apartMs: fc.oneof(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 0, max: 25_000 })),
    reloads: fc.nat({ max: 1 }),
    isFenceless: fc.boolean(),
    strikes: fc.array(slowness, { maxLength: 2 }),
    switches: SWITCHES,
  })
  .map(({ store, first, second, apartMs, reloads, switches, ...rest }) => ({
    ...rest,
    ...switches,
    stores: [store],
    happenings: [
      { does: "approve", store: 0, afterMs: 0, thinksMs: first, reloads },
      { does: "approve", store: 0, afterMs: apartMs, thinksMs: second, reloads },
    ],
    storm: undefined,
    awsAheadMs: 0,
    quiet: 130,
  }));

/** Positions of switches that make a renewal hardest, beside those that every schedule has. */
const HARDEST = fc.record({
  listLagMs: fc.constantFrom(0, MINUTE, 5 * MINUTE),
  missedReads: fc.constantFrom(0, 0, 1, 2),
  clientCredentialsOverlap: fc.constantFrom("old-survives" as const, "old-dies" as const),
  hasTextLife: fc.boolean(),
  sleeps: fc.option(fc.constantFrom<FunctionName>("rotate", "enrol", "install", "sweep"), {
    nil: undefined,
  }),
});

/** AWS sees the past: lists are minutes old, reads of what was just written miss, a function has to wake first. */
const behind: fc.Arbitrary<Schedule> = fc
  .tuple(oneTrouble, HARDEST)
  .map(([schedule, { sleeps, hasTextLife, listLagMs, missedReads, ...shopify }]) => ({
    ...schedule,
    listLagMs,
    model: { ...schedule.model, missedReads },
    shopify: { ...schedule.shopify, ...shopify, ...(hasTextLife ? { expiresIn: "text" } : {}) },
    ...(shopify.clientCredentialsOverlap === "old-dies" ? { graceMinutes: HEALED_MINUTES } : {}),
    happenings: [...(sleeps === undefined ? [] : [asleep(sleeps)]), ...schedule.happenings],
  }));

function asleep(name: FunctionName): Happening {
  return { afterMs: 0, store: 0, does: "fall asleep", function: name };
}

/** What people do to an app that signs and harms nobody: they change its key as the command leads, and move stores to it. */
const HARMLESS_WITH_KEYS: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 6, arbitrary: HARMLESS },
  { weight: 5, arbitrary: plainly("go on with the key", "go on with the key", "move to the key") },
);

const ANYTHING_WITH_KEYS: fc.Arbitrary<Doing> = fc
  .oneof(
    { weight: 8, arbitrary: ANYTHING },
    { weight: 5, arbitrary: HARMLESS_WITH_KEYS },
    { weight: 1, arbitrary: plainly("revoke the key") },
    {
      weight: 2,
      arbitrary: fc.record({
        does: fc.constantFrom("disable the key" as const, "delete the key" as const),
        minutes: fc.integer({ min: 1, max: 90 }),
      }),
    },
  )
  // A clock that is minutes off signs nothing that is taken, and Lambda's is AWS's own.
  .filter(({ does }) => does !== "move clock");

const WITH_KEYS = fc.record({
  signs: fc.constantFrom<SigningDistribution>("public", "public", "own-organization"),
  kinds: fc.array(
    fc.constantFrom<Kind>(
      "client-credentials",
      "client-credentials",
      "client-credentials",
      "offline-expiring",
      "offline",
    ),
    { minLength: 2, maxLength: 2 },
  ),
  awsAheadMs: fc.constantFrom(0, 0, 0, 5 * seconds, -5 * seconds, -20 * seconds),
  revokedKey: fc.constantFrom(
    "tokens-live-on" as const,
    "tokens-live-on" as const,
    "tokens-die" as const,
  ),
});

const calmWithKeys = fc.record({
  happenings: happenings(HARMLESS_WITH_KEYS, 7),
  strikes: fc.array(strike, { minLength: 1, maxLength: 1 }),
});

const stormyWithKeys = fc.record({
  happenings: happenings(ANYTHING_WITH_KEYS, 9),
  strikes: fc.array(strike, { maxLength: 3 }),
});

/** Apps that sign: a change of their key, stores that move to it, and everything that goes wrong with others, KMS among it. */
const keys: fc.Arbitrary<Schedule> = fc
  .tuple(oneTrouble, storm, WITH_KEYS, fc.boolean(), calmWithKeys, stormyWithKeys)
  .map(([calm, stormy, given, isCalm, calmly, stormily]) => {
    const schedule = isCalm ? { ...calm, ...calmly } : { ...stormy, ...stormily };
    const { signs, kinds, awsAheadMs, revokedKey } = given;
    return {
      ...schedule,
      signs,
      awsAheadMs,
      shopify: { ...schedule.shopify, revokedKey },
      stores: schedule.stores.map((store, index) => {
        const kind = kinds[index] ?? store.kind;
        const isRotated = kind === "client-credentials" && signs === "own-organization";
        return { ...store, kind, isRotated };
      }),
    };
  });

const merchant = fc.nat({ max: MERCHANTS.length });

/** How merchants go about it; the install session of one who takes eleven minutes is over. */
const COMING = {
  thinksMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 500, max: 9_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: MINUTE, max: 12 * MINUTE }) },
  ),
  reloads: fc.nat({ max: 2 }),
  insists: fc.boolean(),
};

const oneComes = fc.record({ does: fc.constant("come" as const), merchant, ...COMING });

/** What merchants do whom nobody declared, and strangers: nobody's store is in danger. */
const HARMLESS_NEWCOMERS: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 8, arbitrary: oneComes },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("many come" as const),
      merchants: fc.integer({ min: 2, max: MERCHANTS.length }),
      apartMs: fc.constantFrom(0, 0, 40, 700, 5_000),
      ...COMING,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("forge" as const),
      merchant,
      how: fc.constantFrom<Forgery>("signature", "browser", "shop"),
    }),
  },
  { weight: 3, arbitrary: HARMLESS },
);

const ANY_NEWCOMERS: fc.Arbitrary<Doing> = fc.oneof(
  { weight: 6, arbitrary: HARMLESS_NEWCOMERS },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constantFrom("leave" as const, "leave" as const, "be forgotten" as const),
      merchant,
    }),
  },
  { weight: 3, arbitrary: ANYTHING },
);

const OPEN = fc.record({
  plan: fc.record({
    newStoresAnHour: fc.constantFrom(100, 100, 1, 2, 3, 0),
    recoveryWindowDays: fc.constantFrom(30, 30, 7, 0),
    isFramed: fc.boolean(),
    isManaged: fc.boolean(),
    hasNamesake: fc.boolean(),
  }),
  store: fc.constantFrom<StorePlan>(
    { kind: "offline-expiring", hasValue: true, isRotated: false },
    { kind: "offline-expiring", hasValue: false, isRotated: false },
  ),
  listLagMs: fc.constantFrom(0, MINUTE, 5 * MINUTE),
  nameKeptMs: fc.constantFrom(0, 0, 30 * seconds),
  redactAfterReturn: fc.constantFrom("sent" as const, "withheld" as const),
  // Whose clock is minutes off lets nobody in, and Lambda's is AWS's own.
  awsAheadMs: fc.constantFrom(0, 0, 0, 5 * seconds, -5 * seconds, 40 * seconds),
});

/** What the same merchant may do one after another. */
const STORIES: readonly (readonly ("come" | "leave" | "be forgotten")[])[] = [
  ["come", "leave", "come"],
  ["come", "leave", "be forgotten", "come"],
  ["come", "leave", "be forgotten"],
  ["come", "leave", "come", "be forgotten"],
  ["come", "leave", "be forgotten", "come", "leave", "come"],
];

const story: fc.Arbitrary<Happening[]> = fc
  .record({ merchant, steps: fc.constantFrom(...STORIES), how: fc.record(COMING) })
  .chain(({ merchant: who, steps, how }) =>
    fc.tuple(
      ...steps.map((does) =>
        afterMs.map(
          (after): Happening => ({
            afterMs: after,
            store: 0,
            merchant: who,
            ...(does === "come" ? { does, ...how } : { does }),
          }),
        ),
      ),
    ),
  );

/** Stories go on side by side with what happens besides: of each the next, by turns. */
const withStories = (
  doing: fc.Arbitrary<Doing>,
  most: number,
): fc.Arbitrary<Schedule["happenings"]> =>
  fc
    .tuple(fc.array(story, { maxLength: 2 }), happenings(doing, most))
    .map(([stories, others]) => byTurns([...stories, others]));

function byTurns<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  );
}

/** What makes, removes and restores a secret goes wrong. */
const strikeAtMaking: fc.Arbitrary<Strike> = fc.record({
  surface: fc.constant("aws" as const),
  part: fc.constant("install" as const),
  operation: fc.constantFrom("CreateSecret", "DeleteSecret", "RestoreSecret"),
  after: fc.nat({ max: 2 }),
  trouble: fc.constantFrom(...troublesOf("aws")),
  lasts: fc.constantFrom<Strike["lasts"]>("request", "call", "invocation"),
});

const strikeAmongNewcomers = fc.oneof(strike, strikeAtMaking);

const calmlyOpen = fc.record({
  happenings: happenings(HARMLESS_NEWCOMERS, 6),
  strikes: fc.array(strikeAmongNewcomers, { maxLength: 1 }),
});

const stormilyOpen = fc.record({
  happenings: withStories(ANY_NEWCOMERS, 6),
  strikes: fc.array(strikeAmongNewcomers, { maxLength: 3 }),
});

/** An app that every merchant may install: they come, think, leave, are forgotten and come back, beside a store of config. */
const open: fc.Arbitrary<Schedule> = fc
  .tuple(oneTrouble, storm, OPEN, fc.boolean(), calmlyOpen, stormilyOpen)
  .map(([calm, stormy, given, isCalm, calmly, stormily]) => {
    const schedule = isCalm ? { ...calm, ...calmly } : { ...stormy, ...stormily };
    const { plan, store, listLagMs, nameKeptMs, redactAfterReturn, awsAheadMs } = given;
    return {
      ...schedule,
      open: plan,
      stores: [store],
      listLagMs,
      awsAheadMs,
      model: { ...schedule.model, nameKeptMs },
      shopify: { ...schedule.shopify, redactAfterReturn },
    };
  });

/** The kinds of random schedules, by name. */
const KINDS = { trouble: oneTrouble, storm, approvals: twoApprovals, behind, keys, open } as const;

export type RandomKind = keyof typeof KINDS;

export const RANDOM_KINDS = Object.keys(KINDS) as RandomKind[];

/** The random schedules of a kind. */
export function schedulesOf(kind: RandomKind): fc.Arbitrary<Schedule> {
  return KINDS[kind];
}

/** The schedule of a seed: the same for ever, until the generator is changed. */
export function scheduleOf(kind: RandomKind, seed: number): Schedule {
  const [schedule] = fc.sample(KINDS[kind], { seed, numRuns: 1 });
  if (schedule === undefined) throw new Error("a seed has one schedule");
  return schedule;
}
