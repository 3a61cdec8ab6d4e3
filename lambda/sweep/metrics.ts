import { isStatic } from "../../contract/kinds";
import { type MetricKey, type MetricValues, STATE_METRICS } from "../../contract/metrics";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import { isUnderAQuarter } from "./finding";
import type { Expiry, ListedStore } from "./listed-store";
import type { Swept } from "./summary";

/** The fleet's metrics at the end of a sweep. */
export function metricsOf(swept: readonly Swept[], now: EpochMs): MetricValues {
  const count = (test: (one: Swept) => boolean) => swept.filter(test).length;
  const isShort = (one: Swept) =>
    needsItsToken(one) && (isUnderAQuarter(one.store, expiryOf(one), now) || isDeadEarly(one));
  return {
    ...countsByState(swept),
    ...endsOf(swept, now),
    underQuarterLife: count(isShort),
    underQuarterLifeFailing: count((one) => isShort(one) && isBad(one)),
    renewalsSucceeded: count(({ finding }) => finding.did === "renewed"),
    renewalsFailed: count(({ finding }) => finding.did === "failed"),
    staticTokensDead: count(({ store, state }) => state === "dead" && hasStaticKind(store)),
    scopeDrift: count(({ store, finding }) => lacksScopes(store, finding.missingScopes)),
    sweepHeartbeat: swept.some(({ isLeft }) => isLeft) ? 0 : 1,
  };
}

function countsByState(swept: readonly Swept[]): MetricValues {
  const counts: Partial<Record<MetricKey, number>> = {};
  for (const key of Object.values(STATE_METRICS)) counts[key] = 0;
  for (const { state } of swept) {
    const key = STATE_METRICS[state];
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Left out where nothing ends: a 0 would be an alarm. */
function endsOf(swept: readonly Swept[], now: EpochMs): MetricValues {
  const used = swept.filter(needsItsToken);
  const access = secondsToFirst(used.map(expiryOf), now);
  const refresh = secondsToFirst(used.map(refreshEndOf), now);
  return {
    ...(access === undefined ? {} : { soonestExpirySeconds: access }),
    ...(refresh === undefined ? {} : { soonestRefreshEndSeconds: refresh }),
  };
}

function secondsToFirst(ends: readonly (Expiry | undefined)[], now: EpochMs): number | undefined {
  const times = ends.filter((end) => typeof end === "number");
  if (times.length === 0) return undefined;
  const soonest = times.map(Number).reduce((one, other) => Math.min(one, other));
  return Math.max(0, Math.round((soonest - now) / SECOND_MS));
}

function expiryOf({ finding, store }: Swept): Expiry | undefined {
  const { expiresAt } = store.status;
  return finding.expiry ?? (expiresAt === "unknown" ? undefined : expiresAt);
}

/** A pair that was renewed just now has a refresh token of its own again. */
function refreshEndOf({ finding, store }: Swept): Expiry | undefined {
  return finding.refreshExpiresAt ?? store.status.refreshExpiresAt;
}

/** A store that nobody uses any more, or not yet, has no token to lose. */
function needsItsToken({ state, store }: Swept): boolean {
  return state !== "uninstalled" && store.current !== undefined;
}

/** A store that has a token and awaits its merchant lost an approval on its way: nothing renews that token. */
function isBad({ state }: Swept): boolean {
  return state === "failing" || state === "dead" || state === "awaiting_merchant";
}

/** A dead token has no life left, whatever its end said; the static ones have a metric of their own. */
function isDeadEarly({ state, store }: Swept): boolean {
  return state === "dead" && store.declaration !== undefined && !hasStaticKind(store);
}

function hasStaticKind({ declaration }: ListedStore): boolean {
  return declaration !== undefined && isStatic(declaration.kind);
}

function lacksScopes({ status }: ListedStore, found: readonly string[] | undefined): boolean {
  return (found ?? status.missingScopes ?? []).length > 0;
}
