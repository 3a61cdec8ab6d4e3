import { isStatic } from "../../contract/kinds";
import { type MetricKey, type MetricValues, STATE_METRICS } from "../../contract/metrics";
import { isUnderAQuarter } from "../../contract/store/condition";
import { type Expiry, expiryOf, type StoreView } from "../../contract/store/view";
import { type EpochMs, SECOND_MS } from "../../contract/time";
import type { Swept } from "./summary";

/** The fleet's metrics at the end of a sweep. */
export function metricsOf(swept: readonly Swept[], now: EpochMs): MetricValues {
  const count = (test: (one: Swept) => boolean) => swept.filter(test).length;
  const isShort = (one: Swept) =>
    needsItsToken(one) && (isUnderAQuarter(one.store, now) || isDeadEarly(one));
  return {
    ...countsByState(swept),
    ...endsOf(swept, now),
    underQuarterLife: count(isShort),
    underQuarterLifeFailing: count((one) => isShort(one) && isBad(one)),
    renewalsSucceeded: count(({ outcome }) => outcome.action === "renewed"),
    renewalsFailed: count(({ outcome }) => outcome.action === "failed"),
    rotationsMissed: count(({ condition }) => condition.code === "rotation_missed"),
    staticTokensDead: count(
      ({ store, condition }) => condition.state === "dead" && hasStaticKind(store),
    ),
    scopeDrift: count(({ store }) => (store.status.missingScopes ?? []).length > 0),
    sweepHeartbeat: swept.some(({ came }) => came === "left") ? 0 : 1,
  };
}

function countsByState(swept: readonly Swept[]): MetricValues {
  const counts: Partial<Record<MetricKey, number>> = {};
  for (const key of Object.values(STATE_METRICS)) counts[key] = 0;
  for (const { condition } of swept) {
    const key = STATE_METRICS[condition.state];
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Left out where nothing ends: a 0 would be an alarm. */
function endsOf(swept: readonly Swept[], now: EpochMs): MetricValues {
  const used = swept.filter(needsItsToken);
  const access = secondsToFirst(
    used.map(({ store }) => expiryOf(store)),
    now,
  );
  const refresh = secondsToFirst(
    used.map(({ store }) => store.status.refreshExpiresAt),
    now,
  );
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

/** A store that nobody uses any more, or not yet, has no token to lose. */
function needsItsToken({ condition, store }: Swept): boolean {
  return condition.state !== "uninstalled" && store.current !== undefined;
}

/** A store that has a token and awaits its merchant lost an approval on its way: nothing renews that token. */
function isBad({ condition: { state } }: Swept): boolean {
  return state === "failing" || state === "dead" || state === "awaiting_merchant";
}

/** A dead token has no life left, whatever its end said; the static ones have a metric of their own. */
function isDeadEarly({ condition, store }: Swept): boolean {
  return condition.state === "dead" && store.declaration !== undefined && !hasStaticKind(store);
}

function hasStaticKind({ declaration }: StoreView): boolean {
  return declaration !== undefined && isStatic(declaration);
}
