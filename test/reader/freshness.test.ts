import fc from "fast-check";
import { type EpochMs, epochMs, HOUR_MS, later, MINUTE_MS } from "../../contract/time";
import { ReaderError } from "../../reader/errors";
import {
  decide,
  type FreshnessLimits,
  failureAfter,
  holdToken,
  isAlive,
  type Known,
} from "../../reader/freshness";
import { createSharedScopes } from "../../reader/shared-scopes";
import { storeTokenOf } from "../../reader/store-token";
import { recordText, START } from "./records";

const LIMITS: FreshnessLimits = {
  maxAgeMs: 5 * MINUTE_MS,
  refreshAheadMs: MINUTE_MS,
  expiryMarginMs: MINUTE_MS,
  onOutage: "serve",
};
const OUTAGE = new ReaderError("secrets_manager_unreachable");
const DENIED = new ReaderError("access_denied");

const token = (expiresAt: EpochMs | undefined) =>
  storeTokenOf(
    { secretArn: "arn", versionId: "one", text: recordText("acme", START, { expiresAt }) },
    createSharedScopes(),
  );

/** What memory knows after a good read at START of a token that lives for `lifeMs`. */
function after(lifeMs: number | undefined, changes: Partial<Known> = {}): Known {
  const expiresAt = lifeMs === undefined ? undefined : later(START, lifeMs);
  const held = holdToken(token(expiresAt), START, { ...LIMITS, refused: false });
  return { held, failure: undefined, loading: undefined, loadStartedAt: START, ...changes };
}

const failed = (error: ReaderError, at: number, count = 1) => ({
  error,
  count,
  retryAt: START + at,
});

test.each<[string, Known, number, object]>([
  ["just read", after(24 * HOUR_MS), 0, { do: "serve", refresh: false }],
  ["nearly too old", after(24 * HOUR_MS), 4 * MINUTE_MS - 1, { do: "serve", refresh: false }],
  ["time to refresh", after(24 * HOUR_MS), 4 * MINUTE_MS, { do: "serve", refresh: true }],
  ["too old", after(24 * HOUR_MS), 5 * MINUTE_MS, { do: "load", waitMs: 0 }],
  ["static, too old", after(undefined), 5 * MINUTE_MS, { do: "load", waitMs: 0 }],
  ["near its end", after(3 * MINUTE_MS), 2 * MINUTE_MS, { do: "load", waitMs: 0 }],
  [
    "near its end, read again a moment ago",
    after(3 * MINUTE_MS, { loadStartedAt: START + 2 * MINUTE_MS }),
    2 * MINUTE_MS + 999,
    { do: "serve", refresh: false },
  ],
  [
    "near its end, a read under way",
    after(3 * MINUTE_MS, { loadStartedAt: START + 2 * MINUTE_MS, loading: {} }),
    2 * MINUTE_MS + 1,
    { do: "load", waitMs: 0 },
  ],
  ["at its end", after(3 * MINUTE_MS), 3 * MINUTE_MS, { do: "load", waitMs: 0 }],
  [
    "ended, read again a moment ago",
    after(3 * MINUTE_MS, { loadStartedAt: START + 3 * MINUTE_MS }),
    3 * MINUTE_MS + 400,
    { do: "load", waitMs: 600 },
  ],
  [
    "too old, in an outage",
    after(24 * HOUR_MS, { failure: failed(OUTAGE, HOUR_MS + 1) }),
    HOUR_MS,
    { do: "serve_through_outage", refresh: false },
  ],
  [
    "too old, in an outage, time to try",
    after(24 * HOUR_MS, { failure: failed(OUTAGE, HOUR_MS) }),
    HOUR_MS,
    { do: "serve_through_outage", refresh: true },
  ],
  [
    "ended, in an outage",
    after(HOUR_MS, { failure: failed(OUTAGE, HOUR_MS + 1) }),
    HOUR_MS,
    { do: "refuse", error: OUTAGE },
  ],
  [
    "ended, in an outage, time to try",
    after(HOUR_MS, { failure: failed(OUTAGE, HOUR_MS) }),
    HOUR_MS,
    { do: "load", waitMs: 0 },
  ],
  [
    "fresh, refused in the background",
    after(24 * HOUR_MS, { failure: failed(DENIED, 5 * MINUTE_MS) }),
    4 * MINUTE_MS + 1,
    { do: "serve", refresh: false },
  ],
  [
    "too old, refused",
    after(24 * HOUR_MS, { failure: failed(DENIED, 6 * MINUTE_MS) }),
    5 * MINUTE_MS,
    { do: "refuse", error: DENIED },
  ],
  [
    "never read",
    {
      held: undefined,
      failure: undefined,
      loading: undefined,
      loadStartedAt: Number.NEGATIVE_INFINITY,
    },
    0,
    { do: "load", waitMs: 0 },
  ],
])("%s", (_state, ...row) => {
  const [known, at, expected] = row;
  expect(decide(known, later(START, at), LIMITS)).toMatchObject(expected);
});

test("onOutage: throw does not serve past the age limit", () => {
  const known = after(24 * HOUR_MS, { failure: failed(OUTAGE, HOUR_MS + 1) });
  const limits = { ...LIMITS, onOutage: "throw" } as const;
  expect(decide(known, later(START, HOUR_MS), limits)).toEqual({ do: "refuse", error: OUTAGE });
});

test("a refused version is looked at again after half a minute", () => {
  const refused = holdToken(token(undefined), START, { ...LIMITS, refused: true });
  expect(refused.freshUntil - START).toBe(30_000);
});

test("the pauses after failures double, up to a limit that is shorter for outages", () => {
  const pausesOf = (error: ReaderError) => {
    let failure = failureAfter(undefined, error, START);
    const pauses: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      pauses.push((failure.retryAt - START) / 1_000);
      failure = failureAfter(failure, error, START);
    }
    return pauses;
  };
  expect(pausesOf(OUTAGE)).toEqual([0, 1, 2, 4, 5, 5, 5, 5]);
  expect(pausesOf(DENIED)).toEqual([0, 1, 2, 4, 8, 16, 30, 30]);
});

test("whatever memory knows and whatever time it is, what is served is alive", () => {
  const moment = fc.integer({ min: -HOUR_MS, max: 30 * HOUR_MS });
  const life = fc.option(fc.integer({ min: 0, max: 25 * HOUR_MS }), { nil: undefined });
  const failure = fc.option(
    fc.record({
      error: fc.constantFrom(OUTAGE, DENIED),
      count: fc.integer({ min: 1, max: 40 }),
      retryAt: moment.map((at) => START + at),
    }),
    { nil: undefined },
  );
  const limits = fc.record({
    maxAgeMs: fc.integer({ min: 0, max: 25 * HOUR_MS }),
    refreshAheadMs: fc.integer({ min: 0, max: 25 * HOUR_MS }),
    expiryMarginMs: fc.integer({ min: 0, max: 25 * HOUR_MS }),
    onOutage: fc.constantFrom<"serve" | "throw">("serve", "throw"),
  });
  fc.assert(
    fc.property(
      fc.record({ life, readAt: moment, startedAt: moment, now: moment, failure, limits }),
      (given) => {
        const now = epochMs(START + given.now);
        const expiresAt = given.life === undefined ? undefined : later(START, given.life);
        const readAt = epochMs(START + given.readAt);
        const held = holdToken(token(expiresAt), readAt, { ...given.limits, refused: false });
        const loadStartedAt = START + given.startedAt;
        const known = { held, failure: given.failure, loading: undefined, loadStartedAt };
        const decision = decide(known, now, given.limits);
        if ("held" in decision) expect(isAlive(decision.held.token, now)).toBe(true);
        if (decision.do === "load") expect(decision.waitMs).toBeLessThanOrEqual(1_000);
      },
    ),
    { numRuns: 1_000 },
  );
});
