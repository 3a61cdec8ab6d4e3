import type { Declaration } from "../../contract/declaration";
import { nonExpiringEndOf } from "../../contract/distribution";
import { adviceRow } from "../../contract/errors";
import { isSigned, isStatic, kindFactsOf, lifeMsOf } from "../../contract/kinds";
import { hashOf } from "../../contract/schedule";
import { isConsequenceOfUninstall, isNonExpiring } from "../../contract/store/condition";
import { keptIn } from "../../contract/store/kept";
import { asksAgainAt, isBelieved, standingRefusal } from "../../contract/store/second-sight";
import { type SeenRefusal, versionTagOf } from "../../contract/store/status";
import { type Expiry, knownExpiryOf, labelOf, type StoreView } from "../../contract/store/view";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import {
  DAY_MS,
  type EpochMs,
  epochMs,
  HOUR_MS,
  later,
  MINUTE_MS,
  SECOND_MS,
} from "../../contract/time";
import { attemptOf } from "../engine/version-id";

/** What a sweep does with a store. */
export interface Work {
  readonly action: "rest" | "await" | "refuse" | "look" | "adopt" | "migrate" | "renew" | "check";
}

const REST: Work = { action: "rest" };
const AWAIT: Work = { action: "await" };
const RENEW: Work = { action: "renew" };

/** Looks at a store's tags and labels and says what it needs. */
export function decideWork(store: StoreView, now: EpochMs): Work {
  const { declaration } = store;
  if (declaration === undefined) return { action: "refuse" };
  const isKept = keptIn(store.facts.tags) !== "";
  if (isKept || store.installing !== undefined || hasForeignPair(store, declaration)) {
    return { action: "adopt" };
  }
  // Of an app that signs nobody tells us when Shopify knows its key, or its merchant has installed it.
  if (store.current === undefined) return isSigned(declaration) ? RENEW : AWAIT;
  if (isMigrating(store)) return { action: "migrate" };
  const expiry = knownExpiryOf(store);
  return expiry === undefined ? { action: "look" } : decideByExpiry(store, expiry, now);
}

/** The same for a store whose token's end is known. */
export function decideByExpiry(store: StoreView, expiry: Expiry, now: EpochMs): Work {
  const { declaration } = store;
  if (declaration === undefined) return { action: "refuse" };
  if (expiry === "never" || isStatic(declaration)) {
    // What the store had before its app signed: a token of the declared grant takes its place.
    if (mayHaveLivingPair(store, declaration) || isSigned(declaration))
      return renewalOf(store, { declaration, expiry: ENDED }, now);
    return isCheckDue(store, now) ? { action: "check" } : REST;
  }
  return renewalOf(store, { declaration, expiry }, now);
}

/** The end of a token that is dead already. */
const ENDED = epochMs(0);

/**
 * Whether a dead token without an end stands where a pair belongs: an approval of before the kind changed may have
 * been promoted over the pair of a migration, which is found among its kin.
 */
function mayHaveLivingPair(store: StoreView, declaration: Declaration): boolean {
  return kindFactsOf(declaration).hasRefreshToken && isCondemned(store);
}

function renewalOf(store: StoreView, due: Due, now: EpochMs): Work {
  return isRenewalDue(store, due, now) ? RENEW : REST;
}

/** A pending pair that no renewal made: a migration was cut off, and it is the chain now. */
function hasForeignPair(store: StoreView, declaration: Declaration): boolean {
  const { pending, current, secretArn } = store;
  if (!kindFactsOf(declaration).hasRefreshToken || pending === undefined) return false;
  return attemptOf(pending, { purpose: "renew", from: current ?? secretArn }) === undefined;
}

/**
 * Whether a migration of the store was begun before and has not come to its end.
 *
 * An approval that was under way when the store was still declared without expiry may have put the very token that
 * was exchanged, dead since then, in AWSCURRENT's place: Shopify answers the exchange with the same pair for days.
 */
export function isMigrating(store: StoreView): boolean {
  const { declaration, current, status } = store;
  if (declaration === undefined || !kindFactsOf(declaration).hasRefreshToken) return false;
  if (current === undefined || status.migrating === "") return false;
  return status.migrating === versionTagOf(current) || knownExpiryOf(store) === "never";
}

/** Where Secrets Manager is to renew and has no schedule, nobody comes before the sweep. */
const UNSCHEDULED_SHARE = 1 / 2;

/**
 * How much life is left when a sweep renews.
 *
 * Where the sweep alone renews, to the nearest sweep: later, and an outage of 20 minutes could outlive
 * a pair past half its life.
 */
function renewalMarginMs({ facts }: StoreView, declaration: Declaration): number {
  const life = lifeMsOf(declaration) ?? 0;
  const { renewer, sweptAtShareLeft = 0 } = kindFactsOf(declaration);
  if (renewer === "sweep") return life * sweptAtShareLeft + SWEEP_EVERY_MS / 2;
  return life * (facts.rotationEnabled ? sweptAtShareLeft : UNSCHEDULED_SHARE);
}

interface Due {
  readonly declaration: Declaration;
  /** The access token's end. */
  readonly expiry: EpochMs;
}

function isRenewalDue(store: StoreView, { declaration, expiry }: Due, now: EpochMs): boolean {
  const refusal = isOfCurrent(store) ? standingRefusal(store.status) : undefined;
  // What is not believed yet is asked again soon, however much life is left.
  const isDoubted = refusal !== undefined && !isBelieved(refusal);
  const isLate = expiry - now <= renewalMarginMs(store, declaration);
  if (!isLate && !isDoubted && !isCondemned(store) && !mayBeSuperseded(store)) return false;
  if (refusal === undefined || refusal.last > now) return true;
  if (mayComeBack(declaration, refusal)) return true;
  return now >= asksAgainAt(refusal, expiry, now);
}

/** Whether a merchant may install a public app that signs again: nobody tells us of that, and its key gets a token at once. */
function mayComeBack(declaration: Declaration, { code }: SeenRefusal): boolean {
  const isMerchants = isSigned(declaration) && declaration.distribution === "public";
  return isMerchants && isConsequenceOfUninstall(code);
}

/**
 * Whether a token may have been granted that nobody saw, where no schedule tries again: nobody promised that a new
 * client-credentials token leaves the older ones alive.
 */
function mayBeSuperseded(store: StoreView): boolean {
  const { lastErrorCode } = store.status;
  if (store.facts.rotationEnabled || lastErrorCode === "") return false;
  return adviceRow(lastErrorCode).mayHaveGranted && isNewerThanSuccess(store);
}

/** Whether Shopify refused the current token although it has time left: a renewal may bring a good one. */
export function isCondemned({ current, status }: StoreView): boolean {
  return status.state === "dead" && isOfCurrent({ current, status });
}

/** Whether the tags speak of the version that is AWSCURRENT. */
function isOfCurrent({ current, status }: Pick<StoreView, "current" | "status">): boolean {
  return current !== undefined && status.version === versionTagOf(current);
}

/** Whether the last attempt went wrong. */
export function isNewerThanSuccess({ status }: StoreView): boolean {
  const { lastErrorAt, lastSuccessAt } = status;
  return lastErrorAt !== undefined && (lastSuccessAt === undefined || lastErrorAt > lastSuccessAt);
}

/** Static tokens are checked once a day, each at its own time of day; what was inconclusive, after an hour. */
function isCheckDue(store: StoreView, now: EpochMs): boolean {
  const { lastSuccessAt, lastErrorAt, state } = store.status;
  const last = Math.max(lastSuccessAt ?? 0, lastErrorAt ?? 0);
  if (last < slotBefore(labelOf(store), now) || last > now) return true;
  if (isEndedSince(store, last, now)) return true;
  const isCondemned = state === "dead" || state === "uninstalled";
  const refusal = standingRefusal(store.status);
  if (refusal !== undefined && !isBelieved(refusal)) return true;
  return !isCondemned && isNewerThanSuccess(store) && now - last >= HOUR_MS;
}

/** Whether Shopify ended the app's tokens without an end after the last attempt: nobody waits a day to see it. */
function isEndedSince(store: StoreView, last: number, now: EpochMs): boolean {
  const endsAt = nonExpiringEndOf(store.declaration?.distribution);
  return endsAt !== undefined && last < endsAt && endsAt <= now && isNonExpiring(store);
}

/** The latest time of day that belongs to a store: stores are spread over the day by a hash. */
export function slotBefore(label: string, now: EpochMs): EpochMs {
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const slot = midnight + ((hashOf(label) * SECOND_MS) % DAY_MS);
  return epochMs(slot <= now ? slot : slot - DAY_MS);
}

/** Smaller is more urgent: what is unknown or half done, then tokens by their end, then checks by their age. */
export function urgencyOf(store: StoreView, work: Work, now: EpochMs): number {
  switch (work.action) {
    case "adopt":
    case "migrate":
    case "look":
      return 0;
    case "renew": {
      const expiry = knownExpiryOf(store);
      return typeof expiry === "number" ? expiry : 0;
    }
    case "check":
      return later(now, DAY_MS) + (store.status.lastSuccessAt ?? 0);
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** The least time between the two sightings that make a pending version stuck. */
const STUCK_AFTER_MS = 20 * MINUTE_MS;

/** What is done about a pending version: noted at the first sighting, dropped at a second one. */
export function decidePending(store: StoreView, now: EpochMs): "leave" | "note" | "drop" {
  const { pending, status } = store;
  if (pending === undefined) return "leave";
  const { pendingSeen } = status;
  const isSeen = pendingSeen?.version === versionTagOf(pending) && pendingSeen.at <= now;
  if (!isSeen) return "note";
  return now - pendingSeen.at >= STUCK_AFTER_MS ? "drop" : "leave";
}
