import type { EpochMs } from "../../../contract/time";
import type { FleetContext } from "../../../infra/config/parse-fleet";

/** How config is read in tests: with this prefix by default, in November 2026. */
export function reading(defaultPrefix: string, now = "2026-11-28T12:00:00Z"): FleetContext {
  return { defaultPrefix, now: Date.parse(now) as EpochMs };
}
