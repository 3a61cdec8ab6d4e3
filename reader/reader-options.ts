import { isAppKey } from "../contract/brands";
import { type Clock, MINUTE_MS, SECOND_MS } from "../contract/time";
import { ReaderError } from "./errors";
import type { ReaderEvent } from "./events";
import type { FreshnessLimits } from "./freshness";
import type { ClientChoice } from "./own-client";
import type { StoreLocation } from "./store-routes";
import type { Timers } from "./timers";

/** What `createTokenReader` takes; everything has a default. */
export type TokenReaderOptions = ClientChoice & {
  /** The stack's prefix, such as `shopify/prod`: lets stores be found by key, and by shop domain where key and handle agree. */
  readonly prefix?: string;
  /** The key of an app that every merchant may install (`installs: open`): lets a store that came by itself be found by its shop also where the handle is another store's key. */
  readonly app?: string;
  /** The stack's `stores` output: lets stores be found by key and by any shop domain. */
  readonly stores?: Readonly<Record<string, StoreLocation>>;
  /** The longest time a token is served without asking again, in milliseconds. Default: 300 000 (5 minutes). */
  readonly maxAgeMs?: number;
  /** How long before that a read starts in the background. Default: a fifth of `maxAgeMs`. */
  readonly refreshAheadMs?: number;
  /** How long before its expiry a token is asked for anew. Default: 60 000 (1 minute). */
  readonly expiryMarginMs?: number;
  /** Whether an unexpired token older than `maxAgeMs` is served while Secrets Manager does not answer. Default: "serve". */
  readonly onOutage?: "serve" | "throw";
  /** How many stores are kept in memory. Default: 10 000. */
  readonly maxStores?: number;
  /** The time for one request to Secrets Manager, the SDK's retries included. Default: 5 000. */
  readonly requestTimeoutMs?: number;
  /** How many requests to Secrets Manager run at once. Default: 8. */
  readonly parallelRequests?: number;
  /** Told what the reader does; nothing in an event is secret. */
  readonly onEvent?: (event: ReaderEvent) => void;
  /** Where "now" comes from. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Where waiting comes from. Default: the machine's timers. */
  readonly timers?: Timers;
};

/** The options' numbers, checked and with their defaults. */
export interface ReaderLimits extends FreshnessLimits {
  readonly maxStores: number;
  readonly requestTimeoutMs: number;
  readonly parallelRequests: number;
}

/** As config has it: a stack cannot have any other. */
const PREFIX = /^(?=.{1,36}$)[a-z0-9]+(?:[/-][a-z0-9]+)*$/;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {ReaderError} `options_malformed`, naming the option
 */
export function readLimits(options: TokenReaderOptions): ReaderLimits {
  checkPrefix(options.prefix);
  if (options.app !== undefined && !isAppKey(options.app)) throw malformed("app");
  const onOutage = options.onOutage ?? "serve";
  if (onOutage !== "serve" && onOutage !== "throw") throw malformed("onOutage");
  const maxAgeMs = duration("maxAgeMs", options.maxAgeMs ?? 5 * MINUTE_MS);
  return {
    maxAgeMs,
    refreshAheadMs: duration("refreshAheadMs", options.refreshAheadMs ?? maxAgeMs / 5),
    expiryMarginMs: duration("expiryMarginMs", options.expiryMarginMs ?? MINUTE_MS),
    onOutage,
    maxStores: count("maxStores", options.maxStores ?? 10_000),
    requestTimeoutMs: count("requestTimeoutMs", options.requestTimeoutMs ?? 5 * SECOND_MS),
    parallelRequests: count("parallelRequests", options.parallelRequests ?? 8),
  };
}

function checkPrefix(prefix: string | undefined): void {
  if (prefix === undefined || PREFIX.test(prefix)) return;
  const trimmed = prefix.toLowerCase().replace(/^\/|\/$/g, "");
  // Only what looks like the beginning of a name is shown again: people paste tokens.
  const instead = trimmed.includes("/") && PREFIX.test(trimmed) ? { instead: trimmed } : {};
  throw new ReaderError("options_malformed", { field: "prefix", ...instead });
}

function duration(field: string, milliseconds: number): number {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) throw malformed(field);
  return milliseconds;
}

function count(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw malformed(field);
  return value;
}

function malformed(field: string): ReaderError {
  return new ReaderError("options_malformed", { field });
}
