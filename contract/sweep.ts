import * as v from "valibot";
import { isStoreKey, type StoreKey } from "./brands";
import { CodedError, type ErrorCode } from "./errors";
import type { Kind } from "./kinds";
import type { StoreState } from "./status";

/** The version of a store secret that a check tries. */
export type CheckedStage = "AWSCURRENT" | "AWSPREVIOUS";

const storeKeys = v.array(v.custom<StoreKey>(isStoreKey));

// Strict: an unknown key here is a mistake of ours. The schedule's own event is `{ action: "sweep" }`.
const WireRequest = v.variant("action", [
  v.strictObject({ action: v.literal("sweep") }),
  v.strictObject({
    action: v.literal("check"),
    /** Empty: the whole fleet, as far as the function's time allows. */
    stores: storeKeys,
    stage: v.optional(v.picklist(["AWSCURRENT", "AWSPREVIOUS"]), "AWSCURRENT"),
  }),
  v.strictObject({ action: v.literal("renew"), stores: v.pipe(storeKeys, v.minLength(1)) }),
  v.strictObject({ action: v.literal("migrate"), store: v.custom<StoreKey>(isStoreKey) }),
]);

/**
 * What the schedule and the operator's command ask of the sweep function: a pass over the fleet; to try
 * stores' tokens at Shopify without writing any version; to renew one-hour pairs now; to migrate one
 * store from `offline` to `offline-expiring`.
 */
export type SweepRequest = v.InferOutput<typeof WireRequest>;

/** The request as the invocation's payload. */
export type SweepPayload = v.InferInput<typeof WireRequest>;

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

/** What a check, a renewal or a migration found of one store; nothing in it is secret. */
export interface StoreFinding {
  readonly store: StoreKey;
  readonly kind?: Kind;
  readonly state?: StoreState;
  /** `ok`, or the code of what is wrong. */
  readonly code: "ok" | ErrorCode;
  /** The code's sentence with its facts and the next command; absent for `ok`. */
  readonly says?: string;
  /** The version that was tried, or that is current after a renewal. */
  readonly versionId?: string;
  /** The granted scopes, as Shopify told them just now (else as recorded), and the wanted ones that are missing. */
  readonly scopes?: readonly string[];
  readonly missingScopes?: readonly string[];
  readonly issuedAt?: string;
  readonly expiresAt?: string;
  readonly refreshTokenExpiresAt?: string;
  /** The version of the app secret that minted the token. */
  readonly appSecretVersion?: string;
}

/** The result of `check`, `renew` and `migrate`. */
export interface SweepResult {
  readonly stores: readonly StoreFinding[];
  /** Stores that the function's time did not suffice for: ask again with these. */
  readonly unvisited: readonly StoreKey[];
}
