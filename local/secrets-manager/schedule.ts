import { invalidParameter } from "./aws-error";
import { type Cron, DAY_MS, HOUR_MS, nextMatch, parseCron } from "./cron";
import type { RotationRules } from "./state";

/** The shortest time between two windows; source: the user guide's page on rotation schedules. */
const FLOOR_HOURS = 4;
const LONGEST_DAYS = 999;

/** When rotation windows open, and for how long. */
export interface Schedule {
  /** Whether windows are cut to an hour (true) or run to the end of the UTC day. */
  readonly isHourly: boolean;
  /** The start of the next window after the one of `anchor`, epoch ms. */
  readonly opensAfter: (anchor: number) => number | undefined;
  /** Explicit length of the window. */
  readonly durationHours?: number | undefined;
  /** Average days between rotations, at least 1, as DescribeSecret shows them. */
  readonly days: number;
}

/**
 * Reads rotation rules, or refuses them as AWS does; undefined when they hold no schedule.
 *
 * @throws {AwsError} `InvalidParameterException`
 */
export function parseSchedule(rules: RotationRules): Schedule | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter(
      "You cannot specify both rotation frequency and schedule expression together.",
    );
  }
  const durationHours =
    rules.Duration === undefined ? undefined : Number.parseInt(rules.Duration, 10);
  if (days !== undefined) return everyDays(days, durationHours);
  if (expression !== undefined) return parseExpression(expression, durationHours);
  if (durationHours !== undefined) throw invalidParameter("A Duration needs a rotation schedule.");
  return undefined;
}

/** The end of a window that opens at `opensAt`: after its duration, after an hour, or with the UTC day. */
export function closesAt(schedule: Schedule, opensAt: number): number {
  if (schedule.durationHours !== undefined) return opensAt + schedule.durationHours * HOUR_MS;
  return schedule.isHourly ? opensAt + HOUR_MS : floorTo(opensAt, DAY_MS) + DAY_MS - 1_000;
}

function parseExpression(expression: string, durationHours: number | undefined): Schedule {
  const rate = /^rate\((\d+) (hours?|days?)\)$/.exec(expression);
  if (rate !== null) {
    const value = Number(rate[1]);
    return rate[2]?.startsWith("hour")
      ? everyHours(value, durationHours)
      : everyDays(checkedDays(value), durationHours);
  }
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1];
  const cron = fields === undefined ? undefined : parseCron(fields);
  if (cron === undefined) throw invalidParameter(`Invalid schedule expression ${expression}.`);
  return byCron(cron, durationHours);
}

/** Windows of a rate in days start at midnight UTC. */
function everyDays(days: number, durationHours: number | undefined): Schedule {
  checkDuration(durationHours, 24);
  return {
    isHourly: false,
    durationHours,
    days,
    opensAfter: (anchor) => floorTo(anchor, DAY_MS) + days * DAY_MS,
  };
}

/** Windows open on the hour (user guide, rotation schedules); counted from the window before. */
function everyHours(hours: number, durationHours: number | undefined): Schedule {
  checkFloor(hours);
  checkDuration(durationHours, hours);
  return {
    isHourly: true,
    durationHours,
    days: Math.max(1, Math.round(hours / 24)),
    opensAfter: (anchor) => floorTo(anchor, HOUR_MS) + hours * HOUR_MS,
  };
}

function byCron(cron: Cron, durationHours: number | undefined): Schedule {
  const [first = 0] = cron.hours;
  const isHourly = cron.hours.length > 1;
  const gap = isHourly ? smallestGap(cron.hours) : 24;
  checkFloor(gap);
  checkDuration(durationHours, isHourly ? gap : 24 - first);
  return {
    isHourly,
    durationHours,
    days: daysBetween(cron),
    opensAfter: (anchor) => nextMatch(cron, anchor),
  };
}

/** Hours between neighbours on the clock's face, across midnight too. */
function smallestGap(hours: readonly number[]): number {
  const gaps = hours.map((hour, index) => {
    const next = hours[index + 1] ?? (hours[0] ?? 0) + 24;
    return next - hour;
  });
  return Math.min(...gaps);
}

function daysBetween(cron: Cron): number {
  const first = nextMatch(cron, 0);
  const second = first === undefined ? undefined : nextMatch(cron, first);
  if (first === undefined || second === undefined) {
    throw invalidParameter("The schedule expression never matches.");
  }
  return Math.max(1, Math.round((second - first) / DAY_MS));
}

function checkedDays(days: number): number {
  if (days >= 1 && days <= LONGEST_DAYS) return days;
  throw invalidParameter(
    `The rotation period must be between ${FLOOR_HOURS} hours and ${LONGEST_DAYS} days.`,
  );
}

function checkFloor(hours: number): void {
  if (hours < FLOOR_HOURS) {
    throw invalidParameter(`A secret can't be rotated more often than every ${FLOOR_HOURS} hours.`);
  }
}

function checkDuration(hours: number | undefined, longest: number): void {
  if (hours === undefined || (hours >= 1 && hours <= longest)) return;
  throw invalidParameter(
    "The rotation window must not extend into the next rotation window or the next UTC day.",
  );
}

const floorTo = (instant: number, unit: number): number => Math.floor(instant / unit) * unit;
