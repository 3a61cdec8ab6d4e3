import type { Product } from "./functions/bundles";
import type { Schedule } from "./schedule";
import { live } from "./simulation";
import { MINUTE } from "./stage";
import type { World } from "./world";

/** A schedule with the words that replay it. */
export interface Case {
  readonly name: string;
  readonly schedule: Schedule;
}

/** A schedule that broke promises. */
export interface Failure extends Case {
  readonly broken: readonly string[];
}

/** What many schedules came to; plain data, so that processes can add theirs up. */
export interface Tally {
  schedules: number;
  requests: number;
  invocations: number;
  struck: number;
  /** How many strikes the schedules name, and how many of them struck: one that does not proves nothing. */
  strikes: number;
  landed: number;
  /** How many schedules have a last strike whose request never came: a fault before it may keep those before from coming. */
  missed: number;
  minutes: number;
  deadMinutes: number;
  cpuMs: number;
  readonly failures: Failure[];
}

export function emptyTally(): Tally {
  return {
    schedules: 0,
    requests: 0,
    invocations: 0,
    struck: 0,
    strikes: 0,
    landed: 0,
    missed: 0,
    minutes: 0,
    deadMinutes: 0,
    cpuMs: 0,
    failures: [],
  };
}

/** Lives through one schedule and counts what happened. */
export async function count(
  tally: Tally,
  { name, schedule }: Case,
  by: { readonly product: Product; readonly watch?: (world: World) => void },
): Promise<void> {
  const cpu = process.cpuUsage();
  const { broken, world, judge, troubles } = await live(schedule, by.product, by.watch);
  tally.schedules += 1;
  tally.requests += world.network.requests;
  tally.invocations += world.lambda.invocations;
  tally.struck += troubles.struck.length;
  tally.strikes += schedule.strikes.length;
  tally.landed += troubles.landed;
  const last = schedule.strikes.at(-1);
  if (last !== undefined && !troubles.reached.has(last)) tally.missed += 1;
  tally.minutes += world.timeline.now / MINUTE;
  tally.deadMinutes += judge.deadMinutes;
  tally.cpuMs += process.cpuUsage(cpu).user / 1_000;
  if (broken.length > 0) tally.failures.push({ name, schedule, broken });
}

export function add(one: Tally, other: Tally): Tally {
  return {
    schedules: one.schedules + other.schedules,
    requests: one.requests + other.requests,
    invocations: one.invocations + other.invocations,
    struck: one.struck + other.struck,
    strikes: one.strikes + other.strikes,
    landed: one.landed + other.landed,
    missed: one.missed + other.missed,
    minutes: one.minutes + other.minutes,
    deadMinutes: one.deadMinutes + other.deadMinutes,
    cpuMs: one.cpuMs + other.cpuMs,
    failures: [...one.failures, ...other.failures],
  };
}

/** A tally in a line. */
export function lineOf(tally: Tally): string {
  const { schedules, requests, invocations, struck, minutes, deadMinutes, cpuMs } = tally;
  const days = (minutes / 1_440).toFixed(1);
  const each = (cpuMs / Math.max(1, schedules)).toFixed(1);
  return `${schedules} schedules (${each} ms of CPU each), ${days} simulated days, ${invocations} invocations, ${requests} requests, ${struck} troubles, ${deadMinutes} dead minutes, ${tally.failures.length} failed`;
}

/** Every broken promise with how often it was, and the first that show it. */
export function complaintsOf({ failures }: Tally, shown = 3): string[] {
  const byPromise = new Map<string, string[]>();
  for (const { name, broken } of failures) {
    for (const what of broken) byPromise.set(what, [...(byPromise.get(what) ?? []), name]);
  }
  return [...byPromise]
    .sort(([, one], [, other]) => other.length - one.length)
    .flatMap(([what, names]) => [
      `${String(names.length).padStart(6)}  ${what}`,
      ...names.slice(0, shown).map((name) => `          ${name}`),
    ]);
}
