import { type EpochMs, SECOND_MS } from "../contract/time";
import type { ReaderError, ReaderErrorCode } from "./errors";
import type { StoreToken } from "./store-token";

/** How long a token is served from memory. */
export interface FreshnessLimits {
  /** The longest time that a token is served without asking again. */
  readonly maxAgeMs: number;
  /** How long before that a read starts in the background, so that no caller waits. */
  readonly refreshAheadMs: number;
  /** How long before its expiry a token is asked for anew. */
  readonly expiryMarginMs: number;
  readonly onOutage: "serve" | "throw";
}

/** A token in memory. */
export interface Held {
  readonly token: StoreToken;
  readonly readAt: EpochMs;
  /** Until when it is served without asking; {@link freshUntil}. */
  readonly freshUntil: number;
  /** From when a read starts in the background. */
  readonly refreshAt: number;
}

/** The failed reads since the last good one. */
export interface Failure {
  readonly error: ReaderError;
  readonly count: number;
  readonly retryAt: number;
}

/** Two reads of a secret never start closer than this, unless the first one failed. */
export const SPACING_MS = SECOND_MS;

/** A token that Shopify refused and Secrets Manager still calls current is looked at again after this long. */
const REFUSED_AGE_MS = 30 * SECOND_MS;

const LONGEST_OUTAGE_PAUSE_MS = 5 * SECOND_MS;
const LONGEST_PAUSE_MS = 30 * SECOND_MS;

/** Failures that say nothing about the secret: an unexpired token is served through them. */
const OUTAGES: ReadonlySet<ReaderErrorCode> = new Set([
  "secrets_manager_unreachable",
  "connection_untrusted",
  "credentials_missing",
]);

export function isOutage(error: ReaderError): boolean {
  return OUTAGES.has(error.code);
}

/** A token that was just read, with its limits; `refused`: Shopify answered 401 to this very version. */
export function holdToken(
  token: StoreToken,
  readAt: EpochMs,
  limits: FreshnessLimits & { readonly refused: boolean },
): Held {
  const maxAgeMs = limits.refused ? Math.min(limits.maxAgeMs, REFUSED_AGE_MS) : limits.maxAgeMs;
  const tooLate = (token.expiresAt ?? Number.POSITIVE_INFINITY) - limits.expiryMarginMs;
  const freshUntil = Math.min(readAt + maxAgeMs, tooLate);
  return { token, readAt, freshUntil, refreshAt: freshUntil - limits.refreshAheadMs };
}

/** The failure after one more failed read: the first is tried again at once, the next ones after 1, 2, 4 … seconds. */
export function failureAfter(
  previous: Failure | undefined,
  error: ReaderError,
  at: EpochMs,
): Failure {
  const count = (previous?.count ?? 0) + 1;
  const longest = isOutage(error) ? LONGEST_OUTAGE_PAUSE_MS : LONGEST_PAUSE_MS;
  const pause = count === 1 ? 0 : Math.min(SECOND_MS * 2 ** (count - 2), longest);
  return { error, count, retryAt: at + pause };
}

/** Whether Shopify still takes the token, by its own expiry. */
export function isAlive(token: StoreToken, now: EpochMs): boolean {
  return token.expiresAt === undefined || now < token.expiresAt;
}

/** What memory knows of a secret. */
export interface Known {
  readonly held: Held | undefined;
  readonly failure: Failure | undefined;
  /** The read under way, if any. */
  readonly loading: unknown;
  /** When the last read started. */
  readonly loadStartedAt: number;
}

/** What to do for a caller who wants the token now. */
export type Decision =
  /** Serve from memory; `refresh`: and start a read in the background. */
  | { readonly do: "serve"; readonly held: Held; readonly refresh: boolean }
  /** The same, older than the age limit, because Secrets Manager does not answer. */
  | { readonly do: "serve_through_outage"; readonly held: Held; readonly refresh: boolean }
  /** Read (not before `waitMs` has passed), then judge. */
  | { readonly do: "load"; readonly waitMs: number }
  /** Several reads failed just now: do not ask again yet. */
  | { readonly do: "refuse"; readonly error: ReaderError };

/** The whole of the reader's judgement, pure: a token is never served past its own expiry. */
export function decide(known: Known, now: EpochMs, limits: FreshnessLimits): Decision {
  const { held, failure } = known;
  const waitMs = spacingLeft(known, now);
  const mayLoad = failure === undefined ? waitMs === 0 : now >= failure.retryAt;
  if (held !== undefined && isAlive(held.token, now)) {
    if (now < held.freshUntil) {
      return { do: "serve", held, refresh: now >= held.refreshAt && mayLoad };
    }
    if (failure !== undefined && isOutage(failure.error) && limits.onOutage === "serve") {
      return { do: "serve_through_outage", held, refresh: mayLoad };
    }
    // Read a moment ago, and still the current one: its renewal is late, but it has not expired yet.
    if (failure === undefined && waitMs > 0) return { do: "serve", held, refresh: false };
  }
  if (failure === undefined) return { do: "load", waitMs };
  return mayLoad ? { do: "load", waitMs: 0 } : { do: "refuse", error: failure.error };
}

/** How long until another read may start; 0 while one is under way, which is joined. A clock that was set back never makes it longer than the spacing. */
export function spacingLeft(known: Known, now: EpochMs): number {
  if (known.loading !== undefined) return 0;
  return Math.min(Math.max(known.loadStartedAt + SPACING_MS - now, 0), SPACING_MS);
}
