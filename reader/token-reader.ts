import { type Clock, SECOND_MS, systemClock } from "../contract/time";
import { createCacheEntries } from "./cache-entries";
import { ReaderError } from "./errors";
import { createReporter } from "./events";
import { createClients } from "./own-client";
import { readLimits, type TokenReaderOptions } from "./reader-options";
import { discard, outcomeOf, saysUnauthorized } from "./refusal";
import { createBatchedReads } from "./secrets-client";
import { createRoutes } from "./store-routes";
import type { StoreToken } from "./store-token";
import { systemTimers } from "./timers";
import { TokenCache } from "./token-cache";

/** How `withToken` sees a refusal and what it may do about it. */
export interface WithTokenOptions {
  /** Whether the call may be made a second time. Default: true. */
  readonly mayRepeat?: boolean;
  /** Whether a result or a thrown error means 401. Default: the known HTTP and Shopify clients are recognised. */
  readonly isRefused?: (resultOrError: unknown) => boolean;
}

/** What came of a prefetch. */
export interface PrefetchResult {
  readonly ready: number;
  readonly failed: readonly { readonly store: string; readonly error: ReaderError }[];
}

/** Gives an application the current access tokens of its stores. A store is named by its store key, secret ARN or shop domain. */
export interface TokenReader {
  /**
   * The store's current access token: from memory while fresh, never expired.
   *
   * @throws {ReaderError} `store_unknown`, `store_ambiguous`, `shop_mismatch`, `secret_missing`, `value_missing`,
   * `secret_pending_deletion`, `access_denied`, `key_denied`, `credentials_missing`,
   * `secrets_manager_unreachable`, `record_malformed`, `token_expired`, `closed`
   */
  token(store: string): Promise<StoreToken>;
  /**
   * Calls `call` with the token, at once when it is in memory. When that comes back 401 (as result or error), AWSCURRENT is read past
   * memory, once for all callers that fail together, and the call is made once more with the new token.
   *
   * @throws {ReaderError} as `token`; and whatever `call` throws
   */
  withToken<T>(
    store: string,
    call: (token: StoreToken) => Promise<T> | T,
    options?: WithTokenOptions,
  ): Promise<T>;
  /**
   * A token that stays good for so many seconds, for jobs that cannot take a new one half-way.
   *
   * @throws {ReaderError} `token_ends_too_soon`; and as `token`
   */
  tokenGoodFor(store: string, seconds: number): Promise<StoreToken>;
  /** Reads stores ahead of their first use, 20 a request. Failures are told, not thrown: one store never stops another. */
  prefetch(stores: readonly string[]): Promise<PrefetchResult>;
  /** Forgets every token and aborts what is under way; every later call throws `closed`. */
  close(): void;
}

/**
 * Creates a reader of access tokens; one for the whole process is enough.
 *
 * @throws {ReaderError} `options_malformed`
 * @example
 * const reader = createTokenReader({ prefix: "shopify/prod" });
 * const { accessToken } = await reader.token("acme");
 */
export function createTokenReader(options: TokenReaderOptions = {}): TokenReader {
  const { clock = systemClock } = options;
  const { cache, release } = createCache(options, clock);
  const token: TokenOf = async (store) => cache.fresh(store) ?? cache.current(store, "cold");
  return {
    token,
    withToken: createWithToken(cache),
    tokenGoodFor: createTokenGoodFor(cache, token, clock),
    prefetch: (stores) => prefetch(cache, stores),
    close() {
      cache.close();
      release();
    },
  };
}

/** Wires the parts of a reader. */
function createCache(options: TokenReaderOptions, clock: Clock) {
  const limits = readLimits(options);
  const { timers = systemTimers } = options;
  const report = createReporter(options.onEvent);
  const entries = createCacheEntries({
    limit: limits.maxStores,
    findRoute: createRoutes(options),
    onDropped: ({ secretId }) => report({ event: "store.evicted", secretId }),
  });
  const { clientFor, release } = createClients(options, limits.requestTimeoutMs);
  const reads = createBatchedReads({ ...limits, clientFor, clock, timers, report });
  return { cache: new TokenCache({ entries, reads, clock, timers, limits, report }), release };
}

type TokenOf = TokenReader["token"];

type Call<T> = (token: StoreToken) => Promise<T> | T;

const DEFAULTS: WithTokenOptions = {};

/** Every call of an application passes here: while the token is fresh, nothing is awaited but the call itself. */
function createWithToken(cache: TokenCache): TokenReader["withToken"] {
  return async <T>(store: string, call: Call<T>, options = DEFAULTS): Promise<T> => {
    const isRefused = options.isRefused ?? saysUnauthorized;
    const token = cache.fresh(store) ?? (await cache.current(store, "cold"));
    let value: T;
    try {
      const called = call(token);
      value = isThenable(called) ? await called : called;
    } catch (error) {
      if (!isRefused(error)) throw error;
      const next = await successorFor(token, { cache, store, options });
      if (next === undefined) throw error;
      await discard(error);
      return call(next);
    }
    if (!isRefused(value)) return value;
    const next = await successorFor(token, { cache, store, options });
    if (next === undefined) return value;
    await discard(value);
    return call(next);
  };
}

interface Refused {
  readonly cache: TokenCache;
  readonly store: string;
  readonly options: WithTokenOptions;
}

/** The token to call with once more; undefined: there is none, or the call may not be repeated. */
async function successorFor(
  refused: StoreToken,
  { cache, store, options }: Refused,
): Promise<StoreToken | undefined> {
  // When the new read fails too, the refusal is the better answer: it is what the application asked about.
  const successor = await outcomeOf(() => cache.successorOf(store, refused));
  return successor.ok && options.mayRepeat !== false ? successor.value : undefined;
}

function isThenable<T>(value: Promise<T> | T): value is Promise<T> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === "function";
}

function createTokenGoodFor(
  cache: TokenCache,
  token: TokenOf,
  clock: Clock,
): TokenReader["tokenGoodFor"] {
  return async (store, seconds) => {
    if (!Number.isFinite(seconds) || seconds < 0) {
      throw new ReaderError("options_malformed", { field: "seconds" });
    }
    const isGood = ({ expiresAt }: StoreToken) =>
      expiresAt === undefined || expiresAt - clock.now() >= seconds * SECOND_MS;
    const held = await token(store);
    if (isGood(held)) return held;
    const renewed = await cache.reread(store, "too_short");
    if (isGood(renewed)) return renewed;
    const { expiresAt } = renewed;
    throw new ReaderError("token_ends_too_soon", {
      store,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  };
}

async function prefetch(cache: TokenCache, stores: readonly string[]): Promise<PrefetchResult> {
  const asked = [...new Set(stores)];
  const outcomes = await Promise.all(
    asked.map((store) => outcomeOf(() => cache.current(store, "prefetch"))),
  );
  const failed = outcomes.flatMap((outcome, index) => {
    const store = asked[index];
    return outcome.ok || store === undefined
      ? []
      : [{ store, error: readerErrorOf(outcome.error) }];
  });
  return { ready: asked.length - failed.length, failed };
}

function readerErrorOf(error: unknown): ReaderError {
  if (error instanceof ReaderError) return error;
  throw error; // a bug of ours, which must not be told as a store's failure
}
