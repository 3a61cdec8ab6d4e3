import { Cron } from "croner";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../contract/time";

const UNITS: Readonly<Record<string, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/** Day names from 1 (Sunday), as AWS counts them. */
const AWS_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

export interface OccurrenceOptions {
  /** Only later than this, in epoch milliseconds. */
  readonly after: number;
  /** Where a rate is counted from, in epoch milliseconds: the creation of the schedule. */
  readonly anchor: number;
}

/**
 * When a schedule of EventBridge Scheduler next occurs, in epoch milliseconds, UTC; undefined: never again.
 *
 * Source: EventBridge Scheduler User Guide, "Schedule types": `rate(n unit)`, `at(yyyy-mm-ddThh:mm:ss)` and
 * `cron(minutes hours day-of-month month day-of-week year)`.
 */
export function nextOccurrence(expression: string, options: OccurrenceOptions): number | undefined {
  const [, type, body] = /^(rate|at|cron)\((.+)\)$/.exec(expression) ?? [];
  if (type === "rate" && body) return nextOfRate(body, options);
  if (type === "at" && body) return nextOfMoment(body, options);
  if (type === "cron" && body) return nextOfCron(body, options);
  throw new Error(`not a schedule expression: ${expression}`);
}

function nextOfRate(body: string, { after, anchor }: OccurrenceOptions): number {
  const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? [];
  const period = Number(count) * (UNITS[unit ?? ""] ?? 0);
  if (!(period > 0)) throw new Error(`not a rate: ${body}`);
  const past = Math.floor((after - anchor) / period);
  return anchor + (past + 1) * period;
}

function nextOfMoment(body: string, { after }: OccurrenceOptions): number | undefined {
  const at = Date.parse(`${body}Z`);
  if (Number.isNaN(at)) throw new Error(`not a moment: ${body}`);
  return at > after ? at : undefined;
}

function nextOfCron(body: string, { after }: OccurrenceOptions): number | undefined {
  const fields = body.trim().split(/\s+/);
  if (fields.length !== 6) throw new Error(`a cron expression of AWS has six fields: ${body}`);
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields.map((field) =>
    field.replaceAll("?", "*"),
  );
  const days = (dayOfWeek ?? "*").replace(
    /(?<![#/])\b[1-7]\b/g,
    (day) => AWS_DAYS[Number(day) - 1] ?? day,
  );
  const pattern = `0 ${minute} ${hour} ${dayOfMonth} ${month} ${days} ${year}`;
  return new Cron(pattern, { timezone: "UTC", sloppyRanges: true })
    .nextRun(new Date(after))
    ?.getTime();
}
