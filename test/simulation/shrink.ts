import type { Product } from "./functions/bundles";
import type { Schedule } from "./schedule";
import { live } from "./simulation";
import type { Failure } from "./tally";

/** How many smaller schedules are tried. */
const MOST_TRIES = 200;

/**
 * Makes a failed schedule smaller as long as it breaks one of the same promises: what happens and what strikes is
 * left out piece by piece, switches go back to their defaults.
 */
export async function smallest({ schedule, broken }: Failure, product: Product): Promise<Schedule> {
  let best = schedule;
  let tries = 0;
  for (let isSmaller = true; isSmaller && tries < MOST_TRIES; ) {
    isSmaller = false;
    for (const candidate of smallerThan(best)) {
      tries += 1;
      if (tries > MOST_TRIES) break;
      const life = await live(candidate, product);
      if (!life.broken.some((what) => broken.includes(what))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* smallerThan(schedule: Schedule): Generator<Schedule> {
  const { happenings, strikes, stores, shopify, model } = schedule;
  if (schedule.storm !== undefined) yield { ...schedule, storm: undefined };
  for (const index of happenings.keys()) {
    yield { ...schedule, happenings: without(happenings, index) };
  }
  for (const index of strikes.keys()) yield { ...schedule, strikes: without(strikes, index) };
  if (stores.length > 1) yield { ...schedule, stores: stores.slice(0, 1) };
  if (schedule.awsAheadMs !== 0) yield { ...schedule, awsAheadMs: 0 };
  for (const name of Object.keys(shopify)) {
    yield { ...schedule, shopify: omitting(shopify, name) };
  }
  for (const name of Object.keys(model)) yield { ...schedule, model: omitting(model, name) };
}

function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, at) => at !== index);
}

function omitting<T extends object>(from: T, name: string): T {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name)) as T;
}
