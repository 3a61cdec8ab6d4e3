import { parseField } from "./cron-field";

type DayTest = (day: Date) => boolean;

const WEEKDAYS = { min: 1, max: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };
const DAY_MS = 86_400_000;

/** The two day fields of a cron expression: exactly one of them may say something, the other is `?`. */
export function parseDays(dayOfMonth: string, dayOfWeek: string): DayTest | undefined {
  if (dayOfWeek === "?") return dayOfMonth === "?" ? undefined : parseDayOfMonth(dayOfMonth);
  return dayOfMonth === "?" ? parseDayOfWeek(dayOfWeek) : undefined;
}

function parseDayOfMonth(field: string): DayTest | undefined {
  if (field === "L") return (day) => day.getUTCDate() === daysInMonth(day);
  const nearest = /^(\d{1,2})W$/.exec(field);
  if (nearest !== null) {
    const target = Number(nearest[1]);
    return target < 1 || target > 31 ? undefined : (day) => isNearestWeekday(day, target);
  }
  const days = parseField(field, { min: 1, max: 31 });
  return days && ((day) => days.has(day.getUTCDate()));
}

function parseDayOfWeek(field: string): DayTest | undefined {
  const special = /^([1-7]|[A-Za-z]{3})(?:(L)|#([1-5]))$/.exec(field);
  if (special === null) {
    const days = field === "L" ? new Set([7]) : parseField(field, WEEKDAYS);
    return days && ((day) => days.has(day.getUTCDay() + 1));
  }
  const weekday = parseField(special[1] ?? "", WEEKDAYS);
  if (weekday === undefined) return undefined;
  const isWeek = special[2] === "L" ? isLastWeek : isNthWeek(Number(special[3]));
  return (day) => weekday.has(day.getUTCDay() + 1) && isWeek(day);
}

const isLastWeek: DayTest = (day) => day.getUTCDate() + 7 > daysInMonth(day);

const isNthWeek =
  (nth: number): DayTest =>
  (day) =>
    Math.ceil(day.getUTCDate() / 7) === nth;

function daysInMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** `15W`: the weekday nearest to the 15th, never in another month. */
function isNearestWeekday(day: Date, target: number): boolean {
  if (target > daysInMonth(day)) return false;
  const wanted = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), target));
  return day.getUTCDate() === target + shiftToWeekday(wanted);
}

function shiftToWeekday(wanted: Date): number {
  const date = wanted.getUTCDate();
  if (wanted.getUTCDay() === 6) return date === 1 ? 2 : -1;
  if (wanted.getUTCDay() !== 0) return 0;
  const tomorrow = new Date(wanted.getTime() + DAY_MS);
  return tomorrow.getUTCMonth() === wanted.getUTCMonth() ? 1 : -2;
}
