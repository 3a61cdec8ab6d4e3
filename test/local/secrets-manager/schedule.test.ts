import { Cron } from "croner";
import fc from "fast-check";
import { nextMatch, parseCron } from "../../../local/secrets-manager/cron";
import { closesAt, parseSchedule } from "../../../local/secrets-manager/schedule";
import { DAY, HOUR } from "./world";

const at = (text: string): number => Date.parse(text);
const iso = (instant: number | undefined): string | undefined =>
  instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16);

const windowAfter = (rules: object, anchor: string): readonly (string | undefined)[] => {
  const schedule = parseSchedule(rules);
  const opens = schedule?.opensAfter(at(anchor));
  return [iso(opens), schedule && opens !== undefined ? iso(closesAt(schedule, opens)) : undefined];
};

describe("rotation windows", () => {
  test.each([
    [
      { ScheduleExpression: "rate(8 hours)" },
      "2026-11-01T00:30Z",
      "2026-11-01T08:00",
      "2026-11-01T09:00",
    ],
    [
      { ScheduleExpression: "rate(24 hours)", Duration: "3h" },
      "2026-11-01T13:59Z",
      "2026-11-02T13:00",
      "2026-11-02T16:00",
    ],
    [
      { ScheduleExpression: "rate(1 day)" },
      "2026-11-01T13:59Z",
      "2026-11-02T00:00",
      "2026-11-02T23:59",
    ],
    [{ AutomaticallyAfterDays: 30 }, "2026-11-01T13:59Z", "2026-12-01T00:00", "2026-12-01T23:59"],
    [
      { ScheduleExpression: "rate(10 days)", Duration: "2h" },
      "2026-11-01T13:59Z",
      "2026-11-11T00:00",
      "2026-11-11T02:00",
    ],
    [
      { ScheduleExpression: "cron(0 2/8 * * ? *)" },
      "2026-11-01T18:10Z",
      "2026-11-02T02:00",
      "2026-11-02T03:00",
    ],
    [
      { ScheduleExpression: "cron(0 4/12 * * ? *)" },
      "2026-11-01T04:00Z",
      "2026-11-01T16:00",
      "2026-11-01T17:00",
    ],
    [
      { ScheduleExpression: "cron(0 8 * * ? *)" },
      "2026-11-01T07:59Z",
      "2026-11-01T08:00",
      "2026-11-01T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 8 1 * ? *)" },
      "2026-11-01T08:00Z",
      "2026-12-01T08:00",
      "2026-12-01T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 6 L * ? *)" },
      "2028-02-01T00:00Z",
      "2028-02-29T06:00",
      "2028-02-29T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 18 ? * SUN *)" },
      "2026-11-01T18:00Z",
      "2026-11-08T18:00",
      "2026-11-08T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 10 ? FEB,MAY,AUG,NOV TUE#2 *)" },
      "2026-11-01T00:00Z",
      "2026-11-10T10:00",
      "2026-11-10T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 1 ? * 2L *)" },
      "2026-11-01T00:00Z",
      "2026-11-30T01:00",
      "2026-11-30T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 1 15W * ? *)" },
      "2026-11-01T00:00Z",
      "2026-11-16T01:00",
      "2026-11-16T23:59",
    ],
    [
      { ScheduleExpression: "cron(0 16 1,15 * ? *)", Duration: "2h" },
      "2026-11-02T00:00Z",
      "2026-11-15T16:00",
      "2026-11-15T18:00",
    ],
    [
      { ScheduleExpression: "cron(0 0 29 2 ? *)" },
      "2026-11-01T00:00Z",
      "2028-02-29T00:00",
      "2028-02-29T23:59",
    ],
  ])("%j after %s", (rules, anchor, ...expected) => {
    expect(windowAfter(rules, anchor)).toEqual(expected);
  });

  test.each([
    { AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" },
    { Duration: "1h" },
    { ScheduleExpression: "rate(3 hours)" },
    { ScheduleExpression: "rate(0 days)" },
    { ScheduleExpression: "rate(1000 days)" },
    { ScheduleExpression: "rate(30 minutes)" },
    { ScheduleExpression: "rate(8hours)" },
    { ScheduleExpression: "cron(30 8 * * ? *)" },
    { ScheduleExpression: "cron(0 8 * * * *)" },
    { ScheduleExpression: "cron(0 8 ? * ? *)" },
    { ScheduleExpression: "cron(0 8 * * ? 2027)" },
    { ScheduleExpression: "cron(0 8 * * ?)" },
    { ScheduleExpression: "cron(0 24 * * ? *)" },
    { ScheduleExpression: "cron(0 0/3 * * ? *)" },
    { ScheduleExpression: "cron(0 0,22 * * ? *)" },
    { ScheduleExpression: "cron(0 * * * ? *)" },
    { ScheduleExpression: "cron(0 8 31 2 ? *)" },
    { ScheduleExpression: "every day" },
    { ScheduleExpression: "rate(8 hours)", Duration: "9h" },
    { ScheduleExpression: "rate(2 days)", Duration: "25h" },
    { ScheduleExpression: "cron(0 2/8 * * ? *)", Duration: "9h" },
    { ScheduleExpression: "cron(0 20 * * ? *)", Duration: "5h" },
    { ScheduleExpression: "rate(8 hours)", Duration: "0h" },
  ])("%j is refused", (rules) => {
    expect(() => parseSchedule(rules)).toThrow(
      expect.objectContaining({ code: "InvalidParameterException" }),
    );
  });

  // The sentence is AWS's, as reported in terraform-provider-aws issue 33329.
  test("two kinds of schedule are refused in AWS's words", () => {
    expect(() =>
      parseSchedule({ AutomaticallyAfterDays: 1, ScheduleExpression: "rate(1 day)" }),
    ).toThrow("You cannot specify both rotation frequency and schedule expression together.");
  });
});

describe("cron", () => {
  const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 4 });
  const days = fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 3 });
  const months = fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 });

  // An independent implementation as witness; it has no "?" and counts Sunday as 0.
  test("agrees with croner on days of the month", () => {
    fc.assert(
      fc.property(
        fc.tuple(hours, days, months),
        fc.integer({ min: 0, max: 40_000 }),
        ([hour, day, month], offset) => {
          const after = Date.UTC(2026, 0, 1) + offset * HOUR;
          const mine = parseCron(`0 ${hour.join(",")} ${day.join(",")} ${month.join(",")} ? *`);
          const witness = new Cron(`0 0 ${hour.join(",")} ${day.join(",")} ${month.join(",")} *`, {
            timezone: "UTC",
          });
          const expected = witness.nextRun(new Date(after))?.getTime();
          expect(mine && nextMatch(mine, after)).toBe(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("agrees with croner on days of the week", () => {
    fc.assert(
      fc.property(
        hours,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 20_000 }),
        (hour, weekday, offset) => {
          const after = Date.UTC(2026, 0, 1) + offset * HOUR;
          const mine = parseCron(`0 ${hour.join(",")} ? * ${weekday} *`);
          const witness = new Cron(`0 0 ${hour.join(",")} * * ${weekday - 1}`, { timezone: "UTC" });
          expect(mine && nextMatch(mine, after)).toBe(witness.nextRun(new Date(after))?.getTime());
        },
      ),
      { numRuns: 150 },
    );
  });

  test("steps reset each day", () => {
    const cron = parseCron("0 5/10 * * ? *");
    const matches = [at("2026-11-01T00:00Z")];
    for (let index = 0; index < 3 && cron; index += 1) {
      matches.push(nextMatch(cron, matches.at(-1) ?? 0) ?? 0);
    }
    expect(matches.slice(1).map((match) => (match % DAY) / HOUR)).toEqual([5, 15, 5]);
  });
});
