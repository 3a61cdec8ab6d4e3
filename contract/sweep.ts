import * as v from "valibot";
import { isStoreKey, type StoreKey } from "./brands";
import { CodedError, type ErrorCode } from "./errors";
import type { Kind } from "./kinds";
import type { StoreState } from "./status";

/** What the sweep function is asked: by its schedule to sweep, by the operator's command the rest. */
export type SweepRequest =
  | { readonly action: "sweep" }
  /** Tries the access tokens of these stores at Shopify; an empty list: of all. */
  | { readonly action: "check"; readonly stores: readonly StoreKey[] }
  /** Turns a store's non-expiring token into a pair that expires; cannot be undone. */
  | { readonly action: "migrate"; readonly store: StoreKey };

// The parser is strict: an unknown key here is a mistake of ours.
const WireRequest = v.variant("action", [
  v.strictObject({ action: v.literal("sweep") }),
  v.strictObject({
    action: v.literal("check"),
    stores: v.pipe(v.array(v.custom<StoreKey>(isStoreKey)), v.maxLength(1_000)),
  }),
  v.strictObject({ action: v.literal("migrate"), store: v.custom<StoreKey>(isStoreKey) }),
]);

/**
 * Reads the event of the sweep function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseSweepRequest(event: unknown): SweepRequest {
  const parsed = v.safeParse(WireRequest, event);
  if (!parsed.success) {
    throw new CodedError("event_malformed", { field: v.getDotPath(parsed.issues[0]) ?? "event" });
  }
  return parsed.output;
}

/** What a sweep did, in numbers; also its last log line. */
export interface SweepResult {
  readonly stores: number;
  readonly renewed: number;
  readonly checked: number;
  readonly healed: number;
  readonly migrated: number;
  /** Stores whose attempt failed; the others went on. */
  readonly failed: number;
  readonly awaiting: number;
  /** Stores that were due and for which this run had no time: the next one begins with them. */
  readonly left: number;
}

/** What a check found: non-secret facts only. */
export interface CheckedStore {
  readonly store: string;
  readonly kind: Kind | undefined;
  readonly state: StoreState;
  /** Empty: nothing to complain of. */
  readonly code: ErrorCode | "";
  readonly expiresAt?: string;
  readonly scope?: string;
  readonly missingScopes?: readonly string[];
}

export interface CheckResult {
  readonly stores: readonly CheckedStore[];
}

/** What a migration did: non-secret facts only. */
export interface MigrateResult {
  readonly store: StoreKey;
  readonly outcome: "migrated" | "already_migrated";
  readonly versionId: string;
  readonly expiresAt?: string;
  readonly scope: string;
}
