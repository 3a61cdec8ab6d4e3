import type { VersionId } from "../../contract/brands";
import { adviceRow, type ErrorCode } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import { isConsequenceOfUninstall, isUnderAQuarter } from "../../contract/store/condition";
import { sight } from "../../contract/store/second-sight";
import {
  encodeStatus,
  type StatusChange,
  type StoreState,
  type StoreStatus,
  versionTagOf,
} from "../../contract/store/status";
import { type Expiry, knownExpiryOf, type StoreView, withTags } from "../../contract/store/view";
import { type EpochMs, HOUR_MS } from "../../contract/time";
import type { LogFields } from "../log";
import { decidePending } from "./plan";

/** What a sweep did with a store. */
export type ActionTaken =
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
export interface StoreOutcome {
  readonly action: ActionTaken;
  /** What is to be remembered; empty: nothing to complain of; undefined: nothing was tried. */
  readonly code: ErrorCode | "" | undefined;
  /** What the last renewal failed with, where the check of the current token does not refute it. */
  readonly stillFails?: ErrorCode | undefined;
  /** Undefined: the store has no value, or its value was not to be read. */
  readonly expiry: Expiry | undefined;
  /** The store as it is after a failure; undefined: as it was listed. */
  readonly seen?: StoreView;
  /** What the value told of its version. */
  readonly learnt?: StatusChange;
  /** What the engine wrote of a new version that it promoted. */
  readonly written?: StatusChange;
  /** What a log line tells of the failure. */
  readonly failure?: LogFields;
  /** Whether a person asked: then what Shopify answers is told at once. */
  readonly isAsked?: boolean;
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
export function restedAt(store: StoreView): StoreOutcome {
  return { action: "rested", code: undefined, expiry: knownExpiryOf(store) };
}

/**
 * What a check was done for, with the failure of the last renewal where it stands: a token that works
 * today says nothing of a client secret that Shopify refuses, and one that is dead not why.
 */
export function withStandingFailure(
  store: StoreView,
  outcome: StoreOutcome,
  now: EpochMs,
): StoreOutcome {
  const { lastErrorCode } = store.status;
  const isRenewed = store.declaration !== undefined && !isStatic(store.declaration);
  if (!isRenewed || outcome.action !== "checked" || lastErrorCode === "") return outcome;
  const { code, expiry } = outcome;
  const isOverdue = code === "" && isUnderAQuarter(store, now);
  const hasEnded = code === "token_dead" && typeof expiry === "number" && expiry <= now;
  if (isTakenBack(lastErrorCode) && !isOverdue && !hasEnded) return outcome;
  return { ...outcome, stillFails: lastErrorCode };
}

/** Whether a check that came to an answer takes a code back: it read the value, and tried the token. */
function isTakenBack(code: ErrorCode): boolean {
  const { refutedBy } = adviceRow(code);
  return refutedBy === "check" || refutedBy === "reading";
}

/** A store after what was found: as its tags will show it to everybody else. */
export interface Noted {
  readonly view: StoreView;
  /** The status as it is to be, but for the state, which the judge says of the view. */
  readonly wanted: Readonly<Record<string, string>>;
  /** The tags as they stand in the secret. */
  readonly before: ReadonlyMap<string, string>;
}

/** The status tags that have to change, and no others. */
export function tagsToWrite(
  { wanted, before }: Noted,
  state: StoreState,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...wanted, ...encodeStatus({ state }) }).filter(
      ([name, value]) => before.get(name) !== value,
    ),
  );
}

/** Puts what was found into a store's status; a refusal only once it came again. */
export function noteOutcome(listed: StoreView, found: StoreOutcome, now: EpochMs): Noted {
  const { outcome, seen } = withSecondSight(listed, found, now);
  const learnt = learntFrom(listed, outcome);
  const store = withTags(listed, encodeStatus(learnt));
  const { missingScopes, written = {} } = outcome;
  const wanted = encodeStatus({
    ...learnt,
    ...stateAfterCheck(store, outcome),
    ...sightingOf(store, now),
    ...statusOfAttempt(store, outcome, now),
    ...seen,
    ...(missingScopes === undefined ? {} : { missingScopes }),
  });
  const before = withTags(listed, encodeStatus(written));
  return {
    view: { ...withTags(before, wanted), current: written.version ?? listed.current },
    wanted,
    before: before.facts.tags,
  };
}

/** A refusal that was not seen often enough is told as such, and counted. */
function withSecondSight(
  { status }: StoreView,
  outcome: StoreOutcome,
  now: EpochMs,
): { readonly outcome: StoreOutcome; readonly seen: Pick<StatusChange, "refused"> } {
  const { code, isAsked, action } = outcome;
  // What a store without a token waits for costs nobody a token.
  if (action === "awaited") return { outcome, seen: {} };
  const sighted = code === undefined || code === "" ? undefined : sight(status, code, now);
  if (sighted === undefined) return { outcome, seen: {} };
  const { refused, told } = sighted;
  return { outcome: isAsked === true ? outcome : { ...outcome, code: told }, seen: { refused } };
}

/** What the value told; what the state remembers of another version is over. */
function learntFrom({ status }: StoreView, { learnt = {} }: StoreOutcome): StatusChange {
  const { version } = learnt;
  const isAnother =
    version !== undefined && status.version !== "" && status.version !== versionTagOf(version);
  return isAnother ? { state: "ok", ...learnt } : learnt;
}

/** What the state has to remember of a check: whether the token works. */
function stateAfterCheck(
  { status }: StoreView,
  { action, code }: StoreOutcome,
): Pick<StatusChange, "state"> {
  if (action !== "checked") return {};
  if (code === "token_dead")
    return { state: status.state === "uninstalled" ? "uninstalled" : "dead" };
  return isSaidOfWorking(code) ? { state: "ok" } : {};
}

function isSaidOfWorking(code: ErrorCode | "" | undefined): boolean {
  return code === "" || (code !== undefined && adviceRow(code).tokens === "working");
}

function statusOfAttempt({ status }: StoreView, outcome: StoreOutcome, now: EpochMs): StatusChange {
  const { written, stillFails } = outcome;
  const code = isKnownConsequence(status, outcome.code) ? status.lastErrorCode : outcome.code;
  if (code === undefined || stillFails !== undefined) return {};
  if (written !== undefined && code === "") return {};
  const works = isSaidOfWorking(code) && written === undefined;
  return {
    ...(works ? { lastSuccessAt: now } : {}),
    lastErrorCode: code,
    ...(code !== "" && isWorthATime(status, code, now) ? { lastErrorAt: now } : {}),
  };
}

/** An uninstall kills the refresh token too: that it is refused says nothing new. */
function isKnownConsequence(
  { state, lastErrorCode }: StoreStatus,
  code: ErrorCode | "" | undefined,
): boolean {
  const isOf = code !== undefined && isConsequenceOfUninstall(code);
  return state === "uninstalled" && lastErrorCode === "app_uninstalled" && isOf;
}

/** The time of an error that stays the same is written once an hour: each sweep would be a write per store. */
function isWorthATime(status: StoreStatus, code: ErrorCode, now: EpochMs): boolean {
  const { lastErrorAt, lastErrorCode } = status;
  if (code !== lastErrorCode || lastErrorAt === undefined) return true;
  const ageMs = now - lastErrorAt;
  return ageMs < 0 || ageMs >= HOUR_MS || (status.lastSuccessAt ?? 0) >= lastErrorAt;
}

function sightingOf(store: StoreView, now: EpochMs): Pick<StatusChange, "pendingSeen"> {
  if (store.pending === undefined || decidePending(store, now) !== "note") return {};
  return { pendingSeen: { at: now, version: store.pending } };
}
