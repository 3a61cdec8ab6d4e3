import type { Product } from "./functions/bundles";
import { casesOf, type Scenario } from "./single-faults";
import type { Case } from "./tally";

/** How many of the pairs of troubles are tried: so many first ones, with so many second ones each. */
export interface Sample {
  readonly firsts: number;
  readonly seconds: number;
}

/**
 * Two troubles in a scenario, the second among all that is called from the first on, its retries and the next
 * attempts included; the same ones in each run.
 */
export async function* doublesOf(
  scenario: Scenario,
  product: Product,
  { firsts, seconds }: Sample,
): AsyncGenerator<Case> {
  for (const first of evenly(await casesOf(scenario, product), firsts)) {
    const later = (await casesOf(first, product)).filter((one) => atOf(one) >= atOf(first));
    for (const { name, schedule } of evenly(later, seconds)) {
      yield { name: `${first.name}; ${name}`, schedule };
    }
  }
}

/** The number of the request that a case strikes, out of its name. */
function atOf({ name }: Case): number {
  return Number(/^request (\d+)/.exec(name)?.[1]);
}

/** So many of a list, all over it. */
function evenly<T>(list: readonly T[], count: number): T[] {
  const step = Math.max(1, list.length / count);
  return Array.from({ length: Math.min(count, list.length) }, (_, index) => {
    return list[Math.floor((index + 0.5) * step)] as T;
  });
}
