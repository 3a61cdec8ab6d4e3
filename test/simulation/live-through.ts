import { randomInt } from "node:crypto";
import { buildProduct, type Product } from "./functions/bundles";
import { type RandomKind, scheduleOf } from "./schedule";
import { type Case, complaintsOf, count, emptyTally, lineOf, type Tally } from "./tally";

let built: Promise<Product> | undefined;

/** Today's product, built once for a test file. */
export function product(): Promise<Product> {
  built ??= buildProduct();
  return built;
}

/**
 * Lives through cases, and expects that no promise is broken.
 *
 * @throws {Error} with each broken promise and the command that replays it
 */
export async function liveThrough(cases: Iterable<Case>): Promise<Tally> {
  const tally = emptyTally();
  for (const one of cases) await count(tally, one, { product: await product() });
  if (tally.failures.length === 0) return tally;
  const replays = complaintsOf(tally).map((line) =>
    line.replace(/^ +(--)/, "npm run simulate -- $1"),
  );
  throw new Error(["promises were broken:", ...replays, lineOf(tally)].join("\n"));
}

/** The random schedules of so many seeds, from a first one on. */
export function* seeds(kind: RandomKind, first: number, schedules: number): Generator<Case> {
  for (let seed = first; seed < first + schedules; seed += 1) {
    const name = `--kind ${kind} --seed ${seed} --schedules 1`;
    yield { name, schedule: scheduleOf(kind, seed) };
  }
}

/** A seed that was never used; `SIMULATION_SEED` replays one. */
export function freshSeed(): number {
  return Number(process.env["SIMULATION_SEED"] ?? randomInt(2 ** 31 - 1_000_000));
}

/**
 * How many random schedules of a trouble and of a storm `npm test` lives through with the same seeds each time.
 *
 * A trouble costs 43 ms of processor time, a storm 62, two approvals 55: with the fresh ones the four kinds are 6,600
 * schedules in six minutes of it, on two cores half of that.
 */
export const FIXED_SCHEDULES = Number(process.env["SIMULATION_SCHEDULES"] ?? 1_500);

/** How many more of each kind with fresh seeds; a red one prints what replays it, and is a bug. `npm run simulate` lives through thousands. */
export const FRESH_SCHEDULES = Number(process.env["SIMULATION_FRESH"] ?? 150);
