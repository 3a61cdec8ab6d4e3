import type { AlarmDefinition, MissingData } from "../../../contract/alarms";
import { type AlarmState, decideState, evaluateAlarm } from "../../../local/alarms/evaluate-alarm";
import type { MetricPoint } from "../../../local/alarms/metric-points";

const MINUTE = 60_000;
const ALARM: AlarmDefinition = {
  key: "a",
  name: "a",
  description: "",
  namespace: "N",
  metricName: "M",
  dimensions: { Prefix: "p" },
  statistic: "Maximum",
  periodSeconds: 60,
  evaluationPeriods: 3,
  datapointsToAlarm: 3,
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  missingData: "missing",
};

/** A row of the user guide's tables: X breaches, 0 does not, - is missing; the newest stands last. */
const breachesOf = (row: string) =>
  row.split(" ").map((sign) => (sign === "-" ? undefined : sign === "X"));

const COLUMNS: readonly MissingData[] = ["missing", "ignore", "breaching", "notBreaching"];
/** The state before, by which "retain" is told from every other answer. */
const BEFORE = "INSUFFICIENT_DATA";

// CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", the table for three
// out of three and the one for two out of three; I: INSUFFICIENT_DATA, R: retain the current state.
const GUIDE: readonly [periods: number, toAlarm: number, row: string, states: string][] = [
  [3, 3, "0 - X - X", "O O O O"],
  [3, 3, "0 - - - -", "O O O O"],
  [3, 3, "- - - - -", "I R A O"],
  [3, 3, "0 X X - X", "A A A A"],
  [3, 3, "- - X - -", "A R A O"],
  [3, 2, "0 - X - X", "A A A A"],
  [3, 2, "0 0 X 0 X", "A A A A"],
  [3, 2, "0 - X - -", "O O A O"],
  [3, 2, "- - - - 0", "O O A O"],
  [3, 2, "- - - X -", "A R A O"],
];
const STATES: Readonly<Record<string, AlarmState>> = {
  O: "OK",
  A: "ALARM",
  I: "INSUFFICIENT_DATA",
  R: BEFORE,
};

const CASES = GUIDE.flatMap(([evaluationPeriods, datapointsToAlarm, row, states]) =>
  states.split(" ").map((state, index) => ({
    evaluationPeriods,
    datapointsToAlarm,
    row,
    missingData: COLUMNS[index] ?? "missing",
    expected: STATES[state],
  })),
);

describe("the tables of the user guide", () => {
  test.each(CASES)(
    "$datapointsToAlarm of $evaluationPeriods, $row, missing is $missingData: $expected",
    ({ row, expected, ...given }) => {
      expect(decideState({ ...ALARM, ...given }, breachesOf(row), BEFORE)).toBe(expected);
    },
  );

  test.each(["OK", "ALARM"] as const)("ignored periods leave %s as it is", (state) => {
    const alarm = { ...ALARM, missingData: "ignore" } as const;
    expect(decideState(alarm, breachesOf("- - - - -"), state)).toBe(state);
  });
});

describe("periods", () => {
  const point = (minutes: number, value: number, more: Partial<MetricPoint> = {}): MetricPoint => ({
    namespace: "N",
    metricName: "M",
    dimensions: { Prefix: "p" },
    at: minutes * MINUTE,
    value,
    ...more,
  });
  const single = { ...ALARM, evaluationPeriods: 1, datapointsToAlarm: 1 };
  const at = (points: readonly MetricPoint[], minutes: number, alarm = single) =>
    evaluateAlarm(alarm, { points, now: minutes * MINUTE, state: "OK" });

  test("one that is not over yet says nothing", () => {
    const points = [point(9.5, 0), point(10.2, 1)];
    expect(at(points, 10.9)).toBe("OK");
    expect(at(points, 11)).toBe("ALARM");
  });

  test("the newest points count, older ones stand in for at most two missing periods", () => {
    const points = [point(10.5, 1)];
    expect([11, 12, 13, 14].map((minute) => at(points, minute))).toEqual([
      "ALARM",
      "ALARM",
      "ALARM",
      "INSUFFICIENT_DATA",
    ]);
  });

  test.each([
    ["Sum", 2, "ALARM"],
    ["Sum", 3, "OK"],
    ["Maximum", 2, "OK"],
    ["Minimum", 1, "ALARM"],
  ] as const)("%s of two ones against %i is %s", (statistic, threshold, state) => {
    const points = [point(10.1, 1), point(10.2, 1)];
    expect(at(points, 11, { ...single, statistic, threshold })).toBe(state);
  });

  test.each([
    ["LessThanThreshold", 1, "OK"],
    ["LessThanThreshold", 0.5, "ALARM"],
    ["GreaterThanOrEqualToThreshold", 1, "ALARM"],
    ["GreaterThanOrEqualToThreshold", 0.5, "OK"],
  ] as const)("%s 1 of %p is %s", (comparison, value, state) => {
    expect(at([point(10, value)], 11, { ...single, comparison })).toBe(state);
  });

  test.each([
    { namespace: "other" },
    { metricName: "other" },
    { dimensions: { Prefix: "other" } },
    { dimensions: {} },
    { dimensions: { Prefix: "p", More: "x" } },
  ])("a point of another metric (%p) is none of this one", (more) => {
    expect(at([point(10, 1, more)], 11)).toBe("INSUFFICIENT_DATA");
  });
});
