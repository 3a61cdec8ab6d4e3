/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly __brand: "EpochMs" };

/** Where "now" comes from; always a parameter, so that tests and the local world can move it. */
export interface Clock {
  now(): EpochMs;
}

/** The clock of the machine: the only place of the product that reads it. */
export const systemClock: Clock = { now: () => Date.now() as EpochMs };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Turns milliseconds since 1970 into a point in time; throws a RangeError for what is not one. */
export function epochMs(milliseconds: number): EpochMs {
  if (!Number.isFinite(milliseconds)) throw new RangeError("a point in time is a finite number");
  return Math.round(milliseconds) as EpochMs;
}

/** The point in time `milliseconds` after `start`. */
export function later(start: EpochMs, milliseconds: number): EpochMs {
  return epochMs(start + milliseconds);
}

/** ISO 8601 in UTC, to the second: the form of every time in records, tags and logs. */
export function isoOf(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Reads an ISO 8601 time; undefined when the text is not one. */
export function parseIso(text: string): EpochMs | undefined {
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : (milliseconds as EpochMs);
}
