import { MINUTE_MS, SECOND_MS } from "./time";

/** The time-out of the sweep function, in seconds: less than the time between two passes. */
export const SWEEP_SECONDS = 540;
/** How many versions and labels the sweep writes a second: half of the account's quota, so that rotations have room beside it. */
export const SWEEP_WRITES_A_SECOND = 25;
/** A renewal puts a version and moves its label. */
export const WRITES_A_RENEWAL = 2;
/** A pair of one hour is renewed at half its life. */
const PAIR_IS_RENEWED_EVERY_MS = 30 * MINUTE_MS;

/** How many pairs a pass of the sweep renews. */
export const RENEWALS_A_PASS = (SWEEP_WRITES_A_SECOND / WRITES_A_RENEWAL) * SWEEP_SECONDS;

/** How many one-hour pairs one stack's sweep carries, which passes so often. */
export function mostPairs(sweepEveryMs: number): number {
  return Math.floor(PAIR_IS_RENEWED_EVERY_MS / sweepEveryMs) * RENEWALS_A_PASS;
}

/** How many pairs would take the whole of a quota of so many writes a second. */
export function pairsOfQuota(writesASecond: number): number {
  return (writesASecond / WRITES_A_RENEWAL) * (PAIR_IS_RENEWED_EVERY_MS / SECOND_MS);
}
