import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./time";

/** The time-out of the sweep function, in seconds: less than the time between two passes. */
export const SWEEP_SECONDS = 540;
/** How many versions and labels the sweep writes a second: half of the account's quota, so that rotations have room beside it. */
export const SWEEP_WRITES_A_SECOND = 25;
/** A renewal puts a version and moves its label. */
export const WRITES_A_RENEWAL = 2;
/** A pair of one hour is renewed at half its life. */
const PAIR_IS_RENEWED_EVERY_MS = 30 * MINUTE_MS;

/** How many functions at most work off the queue of a large fleet. */
export const WORKERS = 12;
/** How many stores one of them works on at a time: the largest batch that a queue hands over without waiting. */
export const STORES_A_WORKER = 10;
/** The time-out of a worker, in seconds: a store's share of the time, and what comes after it. */
export const WORKER_SECONDS = 60;
/** After how many seconds the orders of a killed worker come again: longer than its time-out, as Lambda demands. */
export const ORDER_COMES_AGAIN_SECONDS = 90;
/**
 * How many versions and labels all workers write a second: nine tenths of the account's quota. Who is refused
 * beside them, a rotation above all, tries again within seconds.
 */
export const QUEUE_WRITES_A_SECOND = 45;
/** What one of them may write a second: some more than its share, so that those who wait for Shopify hold up nobody. */
export const WORKER_WRITES_A_SECOND = 5;

/** How many pairs a pass of the sweep renews. */
export const RENEWALS_A_PASS = (SWEEP_WRITES_A_SECOND / WRITES_A_RENEWAL) * SWEEP_SECONDS;

/** How many one-hour pairs one stack's sweep carries, which passes so often. */
export function mostPairs(sweepEveryMs: number): number {
  return Math.floor(PAIR_IS_RENEWED_EVERY_MS / sweepEveryMs) * RENEWALS_A_PASS;
}

/** How many one-hour pairs the workers of one stack's queue carry. */
export function mostPairsByQueue(): number {
  return pairsOfQuota(QUEUE_WRITES_A_SECOND);
}

/** Writes a day of a store that Secrets Manager rotates every so many hours. */
function writesADay(rotationHours: number): number {
  return (DAY_MS / (rotationHours * HOUR_MS)) * WRITES_A_RENEWAL;
}

/** How many versions and labels a fleet writes a second on the mean: pairs of one hour, and the hours between the rotations of the others. */
export function meanWritesASecond(pairs: number, rotationHours: readonly number[]): number {
  const ofPairs = (pairs * WRITES_A_RENEWAL) / (PAIR_IS_RENEWED_EVERY_MS / SECOND_MS);
  const aDay = rotationHours.reduce((sum, hours) => sum + writesADay(hours), 0);
  return ofPairs + aDay / (DAY_MS / SECOND_MS);
}

/** How many pairs would take the whole of a quota of so many writes a second. */
export function pairsOfQuota(writesASecond: number): number {
  return (writesASecond / WRITES_A_RENEWAL) * (PAIR_IS_RENEWED_EVERY_MS / SECOND_MS);
}
