import * as v from "valibot";
import { isKeyArn, isStoreKey, type KeyArn, type StoreKey } from "./brands";
import { CodedError, type ErrorCode } from "./errors";
import type { Kind } from "./kinds";
import { shownField } from "./shown-field";
import type { StoreState } from "./store/status";
import { MINUTE_MS } from "./time";

/** The version of a store secret that a check tries. */
export type CheckedStage = "AWSCURRENT" | "AWSPREVIOUS";

/** The time between two sweeps, as the schedule has it. */
export const SWEEP_EVERY_MS = 10 * MINUTE_MS;

/** Two passes in a row may come to no end, of one store's outage or a throttle; then it is silent. */
export const SWEEP_SILENT_AFTER_MS = 2.5 * SWEEP_EVERY_MS;

/** What the sweep function is asked: by its schedule to sweep, by the operator's command the rest. */
export type SweepRequest =
  | { readonly action: "sweep" }
  /**
   * Tries the access tokens of these stores at Shopify; an empty list: of all. A check of AWSPREVIOUS
   * writes no status: it says what a rollback would bring back.
   */
  | {
      readonly action: "check";
      readonly stores: readonly StoreKey[];
      readonly stage: CheckedStage;
    }
  /** Renews these stores' one-hour pairs now, whatever their age. */
  | { readonly action: "renew"; readonly stores: readonly StoreKey[] }
  /** Renews one store's token with this key of its app and with nothing else: whether Shopify knows the key. */
  | { readonly action: "prove"; readonly store: StoreKey; readonly key: KeyArn }
  /** Turns a store's non-expiring token into a pair that expires; cannot be undone. */
  | { readonly action: "migrate"; readonly store: StoreKey }
  /** Asks AWS's check service which address the function's requests come from. */
  | { readonly action: "address" }
  /** Sends a notice that is a test, and ends with this word: whoever types it has read it. */
  | { readonly action: "notify"; readonly word: string };

const storeKeys = v.pipe(v.array(v.custom<StoreKey>(isStoreKey)), v.maxLength(1_000));

/** A word and nothing else: what stands in a notice is fixed text. */
const TEST_WORD = /^[a-z]{3,20}$/;

// The parser is strict: an unknown key here is a mistake of ours.
const WireRequest = v.variant("action", [
  v.strictObject({ action: v.literal("sweep") }),
  v.strictObject({
    action: v.literal("check"),
    stores: storeKeys,
    stage: v.optional(v.picklist(["AWSCURRENT", "AWSPREVIOUS"]), "AWSCURRENT"),
  }),
  v.strictObject({ action: v.literal("renew"), stores: v.pipe(storeKeys, v.minLength(1)) }),
  v.strictObject({
    action: v.literal("prove"),
    store: v.custom<StoreKey>(isStoreKey),
    key: v.custom<KeyArn>(isKeyArn),
  }),
  v.strictObject({ action: v.literal("migrate"), store: v.custom<StoreKey>(isStoreKey) }),
  v.strictObject({ action: v.literal("address") }),
  v.strictObject({ action: v.literal("notify"), word: v.pipe(v.string(), v.regex(TEST_WORD)) }),
]);

/**
 * Reads the event of the sweep function.
 *
 * @throws {CodedError} `event_malformed`, naming the field and never its content
 */
export function parseSweepRequest(event: unknown): SweepRequest {
  const parsed = v.safeParse(WireRequest, event);
  if (!parsed.success) {
    throw new CodedError("event_malformed", { field: shownField(parsed.issues[0], "event") });
  }
  return parsed.output;
}

/** What a sweep did, in numbers; also its last log line. */
export interface SweepResult {
  readonly stores: number;
  readonly renewed: number;
  readonly checked: number;
  /** Pairs that an install or a migration had left behind. */
  readonly adopted: number;
  readonly migrated: number;
  /** Stores whose attempt failed; the others went on. */
  readonly failed: number;
  readonly awaiting: number;
  /** Stores that were due and for which this run had no time: the next one begins with them. */
  readonly left: number;
  /** Stores that were sent to workers, in a stack that has them; what came of those, their own lines say. */
  readonly sent?: number;
}

/** What a check found: non-secret facts only. */
export interface CheckedStore {
  readonly store: string;
  readonly kind: Kind | undefined;
  readonly state: StoreState;
  /** Empty: nothing to complain of. */
  readonly code: ErrorCode | "";
  /** What came of trying the token just now; absent: the store has none, or it was not tried. */
  readonly answer?: "works" | ErrorCode;
  /** The version that was tried; of a renewal: the one that is current now. */
  readonly versionId?: string;
  readonly expiresAt?: string;
  readonly scope?: string;
  readonly missingScopes?: readonly string[];
  /** The version of the app secret that obtained the token. */
  readonly appSecretVersion?: string;
}

/** The result of `check` and of `renew`. */
export interface CheckResult {
  readonly stores: readonly CheckedStore[];
}

/** What became of proving a key at Shopify: non-secret facts only. */
export interface ProveResult {
  readonly store: StoreKey;
  /** Whether Shopify granted a token for what the key signed. */
  readonly isProven: boolean;
  /** Why it is not proven, or what went wrong with the token behind the proof; empty: nothing. */
  readonly code: ErrorCode | "";
}

/** What a migration did: non-secret facts only. */
export interface MigrateResult {
  readonly store: StoreKey;
  readonly outcome: "migrated" | "already_migrated";
  readonly versionId: string;
  readonly expiresAt?: string;
  readonly scope: string;
}

/** Where the sweep function's requests come from. */
export interface AddressResult {
  /** As AWS's check service sees it; null: it did not answer, or not with an address. */
  readonly address: string | null;
}

/** What became of a test notice. */
export interface NotifyResult {
  /** `no_topic`: the stack tells nobody, `shopify-secrets:alarms` is off. */
  readonly outcome: "handed_over" | "no_topic";
}
