import { nextOccurrence } from "../../../local/clock/schedule-expression";

const at = (text: string) => Date.parse(text);
const anchor = at("2026-11-23T10:03:00Z"); // a Monday

describe("schedules of EventBridge", () => {
  test.each([
    ["rate(10 minutes)", "2026-11-23T10:03:00Z", "2026-11-23T10:13:00Z"],
    ["rate(10 minutes)", "2026-11-23T10:12:59Z", "2026-11-23T10:13:00Z"],
    ["rate(10 minutes)", "2026-11-23T10:13:00Z", "2026-11-23T10:23:00Z"],
    ["rate(1 day)", "2026-11-26T00:00:00Z", "2026-11-26T10:03:00Z"],
    ["cron(0 2/8 * * ? *)", "2026-11-23T10:03:00Z", "2026-11-23T18:00:00Z"],
    ["cron(*/10 * * * ? *)", "2026-11-23T10:03:00Z", "2026-11-23T10:10:00Z"],
    ["cron(0 9 ? * 2 *)", "2026-11-23T10:03:00Z", "2026-11-30T09:00:00Z"],
    ["cron(0 9 ? * SUN *)", "2026-11-23T10:03:00Z", "2026-11-29T09:00:00Z"],
    ["cron(0 0 1 1 ? 2028)", "2026-11-23T10:03:00Z", "2028-01-01T00:00:00Z"],
    ["at(2026-12-01T00:00:00)", "2026-11-23T10:03:00Z", "2026-12-01T00:00:00Z"],
  ])("%s after %s occurs at %s", (expression, after, expected) => {
    expect(nextOccurrence(expression, { after: at(after), anchor })).toBe(at(expected));
  });

  test("a moment in the past never comes", () => {
    expect(nextOccurrence("at(2026-01-01T00:00:00)", { after: anchor, anchor })).toBeUndefined();
  });

  test.each(["rate(0 minutes)", "every day", "cron(0 0 * *)", "at(soon)"])(
    "%s is refused",
    (expression) =>
      expect(() => nextOccurrence(expression, { after: anchor, anchor })).toThrow(/^(not|a cron)/),
  );
});
