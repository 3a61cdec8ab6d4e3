import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../contract/time";

/** A span of time in at most two units, such as `7h 40m`; a negative one has passed: `3m ago`. */
export function spanText(milliseconds: number): string {
  if (milliseconds < 0) return `${spanText(-milliseconds)} ago`;
  const days = Math.floor(milliseconds / DAY_MS);
  const hours = Math.floor((milliseconds % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((milliseconds % HOUR_MS) / MINUTE_MS);
  if (days >= 10) return `${days}d`;
  if (days > 0) return hours === 0 ? `${days}d` : `${days}d ${hours}h`;
  if (hours > 0) return minutes === 0 ? `${hours}h` : `${hours}h ${minutes}m`;
  if (minutes > 0) return `${minutes}m`;
  return `${Math.floor(milliseconds / SECOND_MS)}s`;
}

/** How long ago something was; never less than nothing, where this machine's clock is behind AWS's. */
export function ageText(at: EpochMs, now: EpochMs): string {
  return spanText(Math.max(0, now - at));
}

const UNITS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: MINUTE_MS,
  h: HOUR_MS,
  d: DAY_MS,
};

/** Reads a span such as `30m`, `90s` or `2h`, in milliseconds; undefined when it is not one. */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text);
  const unit = UNITS[match?.[2] ?? ""];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}
