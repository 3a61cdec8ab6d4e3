import { parseDays } from "./cron-days";
import { parseField } from "./cron-field";

/** A six-field cron expression of AWS, in UTC, at whole hours. */
export interface Cron {
  /** Ascending. */
  readonly hours: readonly number[];
  /** Whether a UTC day, given by its midnight in epoch ms, is one of the schedule's. */
  readonly isOnDay: (midnight: number) => boolean;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Far enough for 29 February across a century that is no leap year. */
const HORIZON_DAYS = 366 * 9;

/**
 * Parses `minutes hours day-of-month month day-of-week year`; undefined when Secrets Manager would refuse it:
 * minutes are 0, the year is *, one of the two day fields is ?.
 */
export function parseCron(expression: string): Cron | undefined {
  const fields = expression.trim().split(/\s+/);
  const [minutes, hoursField, dayOfMonth, monthField, dayOfWeek, year] = fields;
  if (fields.length !== 6 || minutes !== "0" || year !== "*") return undefined;
  const hours = parseField(hoursField ?? "", { min: 0, max: 23 });
  const months = parseField(monthField ?? "", { min: 1, max: 12, names: MONTHS });
  const isDay = parseDays(dayOfMonth ?? "", dayOfWeek ?? "");
  if (!hours || !months || !isDay) return undefined;
  return {
    hours: [...hours].sort((one, other) => one - other),
    isOnDay: (midnight) => {
      const day = new Date(midnight);
      return months.has(day.getUTCMonth() + 1) && isDay(day);
    },
  };
}

/** The first match after `after`, epoch ms; undefined when no day ever matches. */
export function nextMatch(cron: Cron, after: number): number | undefined {
  const first = Math.floor(after / DAY_MS) * DAY_MS;
  for (let day = 0; day <= HORIZON_DAYS; day += 1) {
    const midnight = first + day * DAY_MS;
    if (!cron.isOnDay(midnight)) continue;
    const hour = cron.hours.find((candidate) => midnight + candidate * HOUR_MS > after);
    if (hour !== undefined) return midnight + hour * HOUR_MS;
  }
  return undefined;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
