import type { VersionId } from "../../contract/brands";
import type { TokensAfter } from "../../contract/code-facts";
import { adviceRow, type ErrorCode, passesByItself } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import {
  encodeMissingScopes,
  REFRESH_MARGIN_MS,
  STATUS_TAGS,
  type StoreState,
  type StoreStatus,
  versionTagOf,
} from "../../contract/status";
import { type EpochMs, HOUR_MS, isoOf } from "../../contract/time";
import { type Expiry, knownExpiryOf, type ListedStore } from "./listed-store";
import { decidePending, isCondemned, isNewerThanSuccess, lifeMsOf, needsMerchant } from "./plan";

/** What a sweep did with a store. */
export type Deed =
  | "rested"
  | "awaited"
  | "renewed"
  | "adopted"
  | "migrated"
  | "checked"
  | "failed"
  /** Somebody else was faster, or it is too early: not a failure. */
  | "postponed"
  /** The secret was deleted in the meantime. */
  | "gone";

/** What a sweep learnt of a store. */
export interface Finding {
  readonly did: Deed;
  /** What is to be remembered; empty: nothing to complain of; undefined: nothing was tried. */
  readonly code: ErrorCode | "" | undefined;
  /** What the last renewal failed with, where the trial of the current token does not refute it. */
  readonly stillFails?: ErrorCode | undefined;
  /** Undefined: the store has no value, or its value was not to be read. */
  readonly expiry: Expiry | undefined;
  /** The end of the refresh token that was just obtained. */
  readonly refreshExpiresAt?: EpochMs | undefined;
  /** What a store without a value waits for. */
  readonly awaits?: StoreState;
  /** The store as its value shows it, where the tags spoke of another version. */
  readonly as?: ListedStore;
  /** Whether the engine wrote the success into the tags already. */
  readonly isWritten?: boolean;
  /** Tags that the value told. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Why it was put off. */
  readonly why?: ErrorCode;
  readonly versionId?: VersionId;
  readonly appSecretVersion?: VersionId | undefined;
  readonly scopes?: readonly string[];
  readonly missingScopes?: readonly string[];
  /** Whether the token is an OAuth token without an end, which public apps may not use for ever. */
  readonly isNonExpiring?: boolean;
}

/** A store that was left alone. */
export function restedAt(store: ListedStore): Finding {
  return { did: "rested", code: undefined, expiry: knownExpiryOf(store) };
}

/** The state of a store after what was found. */
export function stateAfter(store: ListedStore, finding: Finding, now: EpochMs): StoreState {
  if (finding.awaits !== undefined) return finding.awaits;
  if (SUCCEEDED.has(finding.did)) return "ok";
  if (finding.did === "checked" && finding.code !== undefined) return afterCheck(store, finding);
  const { expiry, code } = finding;
  const { state } = store.status;
  const isEnded = typeof expiry === "number" && expiry <= now;
  if (state === "uninstalled" && (code === undefined || saysUninstalled(code))) return state;
  if (isEnded || isCondemned(store)) return "dead";
  if (stillAwaitsMerchant(store, code)) return "awaiting_merchant";
  if (code !== undefined && code !== "" && !passesByItself(code)) return "failing";
  if (isUnderAQuarter(store, expiry, now) && lastAttemptFailed(store, code)) return "failing";
  return livingState(store.status, { expiry, code });
}

/** Whether an approval that went wrong is still to be repeated: only success ends that, and no other failure hides it. */
function stillAwaitsMerchant({ status }: ListedStore, code: ErrorCode | "" | undefined): boolean {
  if (status.state !== "awaiting_merchant" || status.lastErrorCode === "") return false;
  return code === undefined || (code !== "" && (needsMerchant(code) || passesByItself(code)));
}

const SUCCEEDED: ReadonlySet<Deed> = new Set(["renewed", "adopted", "migrated"]);

/** Whether a code says what an uninstall leads to. */
function saysUninstalled(code: ErrorCode | ""): boolean {
  return code !== "" && UNINSTALLED.has(adviceRow(code).tokens);
}

const UNINSTALLED: ReadonlySet<TokensAfter> = new Set([
  "access_dead",
  "refresh_dead",
  "uninstalled",
]);

function afterCheck({ status }: ListedStore, { code, stillFails }: Finding): StoreState {
  if (code === "token_dead") return status.state === "uninstalled" ? "uninstalled" : "dead";
  if (stillFails !== undefined && !passesByItself(stillFails)) return "failing";
  if (stillFails !== undefined) return livingState(status, {});
  if (code === "" || code === "scope_missing") return "ok";
  if (code !== undefined && passesByItself(code)) return livingState(status, {});
  return "failing";
}

/** The state of a store of which nothing new is known. */
function livingState(
  { state, lastErrorCode }: StoreStatus,
  { expiry, code }: { readonly expiry?: Expiry | undefined; readonly code?: string | undefined },
): StoreState {
  if (state === undefined) return "ok";
  // With a value there is nothing to await, unless an install that went wrong says so.
  const awaits = state === "awaiting_token" || state === "awaiting_merchant";
  if (awaits && lastErrorCode === "") return "ok";
  // A token with time left is not dead, unless a check condemned it.
  if (state === "dead" && typeof expiry === "number") return code === "" ? "ok" : "failing";
  return state;
}

/** Whether a code is said of a token that works. */
function isNoFailure(code: ErrorCode | ""): boolean {
  return code === "" || adviceRow(code).tokens === "working";
}

function lastAttemptFailed(store: ListedStore, code: ErrorCode | "" | undefined): boolean {
  if (code !== undefined) return !isNoFailure(code);
  return isNewerThanSuccess(store) && !isNoFailure(store.status.lastErrorCode);
}

/** Whether less than a quarter of a token's life is left. */
export function isUnderAQuarter(
  { declaration }: ListedStore,
  expiry: Expiry | undefined,
  now: EpochMs,
): boolean {
  if (declaration === undefined || typeof expiry !== "number") return false;
  return expiry - now < lifeMsOf(declaration.kind) / 4;
}

/** Whether a trial of the current token that says something else takes a code back. */
function isTrialsOwn(code: ErrorCode | ""): boolean {
  return code === "" || adviceRow(code).refutedBy === "trial";
}

/**
 * What a check was done for, with the failure of the last renewal where it stands: a token that works
 * today says nothing of a client secret that Shopify refuses, and one that is dead not why.
 */
export function withStandingFailure(store: ListedStore, finding: Finding, now: EpochMs): Finding {
  const { lastErrorCode } = store.status;
  const isRenewed = store.declaration !== undefined && !isStatic(store.declaration.kind);
  if (!isRenewed || finding.did !== "checked" || lastErrorCode === "") return finding;
  const { code, expiry } = finding;
  const isOverdue = code === "" && isUnderAQuarter(store, expiry, now);
  const hasEnded = code === "token_dead" && typeof expiry === "number" && expiry <= now;
  if (isTrialsOwn(lastErrorCode) && !isOverdue && !hasEnded) return finding;
  return { ...finding, stillFails: lastErrorCode };
}

/** What people are told is wrong with a store; empty: nothing. */
export function codeToTell(store: ListedStore, finding: Finding, now: EpochMs): ErrorCode | "" {
  const { lastErrorCode, refreshExpiresAt } = store.status;
  const code = finding.stillFails ?? finding.code ?? lastErrorCode;
  if (code !== "" && !passesByItself(code)) return code;
  const refreshEnd = finding.refreshExpiresAt ?? refreshExpiresAt;
  const endsSoon = refreshEnd !== undefined && refreshEnd - now < REFRESH_MARGIN_MS;
  return endsSoon && store.current !== undefined ? "refresh_token_ending" : code;
}

/** The status tags that have to change, and no others. */
export function tagsToWrite(
  store: ListedStore,
  finding: Finding,
  now: EpochMs,
): Readonly<Record<string, string>> {
  const wanted: Record<string, string> = { ...finding.tags, ...sightingTags(store, now) };
  if (finding.isWritten !== true) wanted[STATUS_TAGS.state] = stateAfter(store, finding, now);
  Object.assign(wanted, attemptTags(store, finding, now), scopeTags(finding));
  const before = new Map([...store.facts.tags, ...writtenBy(finding)]);
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => before.get(name) !== value),
  );
}

/** What the engine wrote since the list was read, as far as it matters here. */
function writtenBy({ isWritten }: Finding): readonly (readonly [string, string])[] {
  return isWritten === true ? [[STATUS_TAGS.lastErrorCode, ""]] : [];
}

function attemptTags(
  { status }: ListedStore,
  finding: Finding,
  now: EpochMs,
): Record<string, string> {
  const { isWritten, stillFails } = finding;
  const code = isConsequence(status, finding.code) ? status.lastErrorCode : finding.code;
  if (code === undefined || stillFails !== undefined || (isWritten === true && code === ""))
    return {};
  const at = isoOf(now);
  const works = code === "" || code === "scope_missing";
  return {
    ...(works && isWritten !== true ? { [STATUS_TAGS.lastSuccessAt]: at } : {}),
    [STATUS_TAGS.lastErrorCode]: code,
    ...(code !== "" && isWorthATime(status, code, now) ? { [STATUS_TAGS.lastErrorAt]: at } : {}),
  };
}

/** An uninstall kills the refresh token too: that it is refused says nothing new. */
function isConsequence(
  { state, lastErrorCode }: StoreStatus,
  code: ErrorCode | "" | undefined,
): boolean {
  const isRefusal = code !== undefined && saysUninstalled(code);
  return state === "uninstalled" && lastErrorCode === "app_uninstalled" && isRefusal;
}

function scopeTags({ missingScopes }: Finding): Record<string, string> {
  if (missingScopes === undefined) return {};
  return { [STATUS_TAGS.missingScopes]: encodeMissingScopes(missingScopes) };
}

/** The time of an error that stays the same is written once an hour: each sweep would be a write per store. */
function isWorthATime(status: ListedStore["status"], code: ErrorCode, now: EpochMs): boolean {
  const { lastErrorAt, lastErrorCode } = status;
  if (code !== lastErrorCode || lastErrorAt === undefined) return true;
  const ageMs = now - lastErrorAt;
  return ageMs < 0 || ageMs >= HOUR_MS || (status.lastSuccessAt ?? 0) >= lastErrorAt;
}

function sightingTags(store: ListedStore, now: EpochMs): Record<string, string> {
  if (store.pending === undefined || decidePending(store, now) !== "note") return {};
  return { [STATUS_TAGS.pendingSeen]: `${isoOf(now)} ${versionTagOf(store.pending)}` };
}
