import type { ApiVersion } from "./brands";
import { type EpochMs, epochMs } from "./time";

/** How many quarters a stable version is served, its own included (Shopify: "a minimum of 12 months"). */
const QUARTERS_SERVED = 4;

/**
 * What Shopify does with a version of the Admin API at a moment.
 *
 * `unreleased`: it does not exist and is answered 404. `candidate`: the next quarter's, served before its
 * release and still changing. `ending`: in its last quarter. `retired`: a newer one answers in its place,
 * silently.
 */
export type ApiVersionStanding = "unreleased" | "candidate" | "served" | "ending" | "retired";

/**
 * How a version stands at a moment.
 *
 * Source: Shopify's "About Shopify API versioning": a stable version each quarter, named by its first month,
 * served for twelve months; release candidates a quarter ahead.
 */
export function standingOf(version: ApiVersion, now: EpochMs): ApiVersionStanding {
  const age = quarterOf(now) - quarterIn(version);
  if (age < -1) return "unreleased";
  if (age === -1) return "candidate";
  if (age >= QUARTERS_SERVED) return "retired";
  return age === QUARTERS_SERVED - 1 ? "ending" : "served";
}

/** The newest stable version at a moment. */
export function newestStable(now: EpochMs): ApiVersion {
  return versionOf(quarterOf(now));
}

/** When a version is served for the last time: the first moment at which a newer one answers. */
export function retiresAt(version: ApiVersion): EpochMs {
  const quarter = quarterIn(version) + QUARTERS_SERVED;
  return epochMs(Date.UTC(Math.floor(quarter / 4), (quarter % 4) * 3));
}

/** Quarters since the year 0, so that they can be counted. */
function quarterOf(now: EpochMs): number {
  const date = new Date(now);
  return date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3);
}

function quarterIn(version: ApiVersion): number {
  return Number(version.slice(0, 4)) * 4 + (Number(version.slice(5)) - 1) / 3;
}

function versionOf(quarter: number): ApiVersion {
  const month = `${(quarter % 4) * 3 + 1}`.padStart(2, "0");
  return `${Math.floor(quarter / 4)}-${month}` as ApiVersion;
}
