import type { ApiVersion, VersionId } from "../../contract/brands";
import type { EnrolReason, EnrolRequest } from "../../contract/enrolment";
import { isApprovedByMerchant, isStatic, kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { matchesFingerprint } from "./fingerprint";

/** What an enrolment saw when it looked. */
export interface EnrolInputs {
  readonly request: EnrolRequest;
  /** The record of AWSCURRENT; `none`: no value, `malformed`: no record of ours. */
  readonly current: StoreRecord | "none" | "malformed";
  /** The declared version of the Admin API. */
  readonly apiVersion: ApiVersion;
  /** The version of the app secret now; undefined for a store that names no app. */
  readonly appSecretVersion: VersionId | undefined;
}

/** What an enrolment does. */
export type EnrolDecision =
  | { readonly action: "write"; readonly why: EnrolReason }
  /** Tries the current token; a dead one is replaced where there is something to replace it with. */
  | { readonly action: "verify"; readonly why: EnrolReason }
  | {
      readonly action: "wait";
      readonly outcome: "awaiting_token" | "awaiting_merchant";
      readonly why: EnrolReason;
    };

/** Looks, and says whether anything has to be written: what works is left alone. */
export function decideEnrolment(inputs: EnrolInputs): EnrolDecision {
  const { hasRefreshToken, obtainable } = kindFactsOf(inputs.request);
  if (hasRefreshToken) return decidePair(inputs);
  const change = changeIn(inputs);
  if (obtainable) {
    return change === undefined ? UNCHANGED : { action: "write", why: change };
  }
  return decideStatic(inputs, change);
}

const UNCHANGED: EnrolDecision = { action: "verify", why: "unchanged" };

/** A pair comes from the merchant or a migration, and a live one is never touched. */
function decidePair({ request, current }: EnrolInputs): EnrolDecision {
  if (isRecord(current) && isSameStore(current, request)) {
    const { hasRefreshToken, obtainable } = kindFactsOf(current);
    if (hasRefreshToken && current.refreshTokenSealed !== "") {
      return { action: "verify", why: "refresh_pair_untouched" };
    }
    const why = obtainable ? "kept_pair_awaited" : "migration_awaited";
    return { action: "wait", outcome: "awaiting_merchant", why };
  }
  return { action: "wait", outcome: "awaiting_merchant", why: "merchant_has_not_approved" };
}

function decideStatic(inputs: EnrolInputs, change: EnrolReason | undefined): EnrolDecision {
  if (inputs.request.accessToken !== undefined && change !== undefined) {
    return { action: "write", why: change };
  }
  if (inputs.request.accessToken !== undefined || change === undefined) {
    return isOfOtherVersion(inputs) ? { action: "write", why: "api_version_changed" } : UNCHANGED;
  }
  return isApprovedByMerchant(inputs.request)
    ? { action: "wait", outcome: "awaiting_merchant", why: "merchant_has_not_approved" }
    : { action: "wait", outcome: "awaiting_token", why: "no_token_yet" };
}

/** Nobody renews a static token: its record changes with config, or never. */
function isOfOtherVersion({ current, apiVersion }: EnrolInputs): boolean {
  return isRecord(current) && current.apiVersion !== apiVersion;
}

/** What differs between what is stored and what is wanted; undefined: nothing. */
function changeIn({ request, current, appSecretVersion }: EnrolInputs): EnrolReason | undefined {
  if (current === "none") return "first_value";
  if (current === "malformed") return "record_malformed";
  if (current.kind !== request.kind || !isSameStore(current, request)) return "declaration_changed";
  if (isStatic(request)) return tokenChangeIn(request, current);
  return current.appSecretVersion === appSecretVersion ? undefined : "client_secret_changed";
}

function tokenChangeIn(request: EnrolRequest, current: StoreRecord): EnrolReason | undefined {
  const { accessToken, tokenSource } = request;
  if (accessToken === undefined) return undefined;
  if (tokenSource === "config") {
    return matchesFingerprint(current.configTokenFingerprint, accessToken)
      ? undefined
      : "config_token_changed";
  }
  return accessToken.unseal() === current.accessToken.unseal() ? undefined : "operator_token";
}

function isRecord(current: EnrolInputs["current"]): current is StoreRecord {
  return typeof current === "object";
}

function isSameStore(record: StoreRecord, request: EnrolRequest): boolean {
  return record.shop === request.shop && record.app === request.app;
}
