import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AlarmDefinition, alarmsOf } from "../../../contract/alarms";
import { encodeMetrics, METRICS, type MetricValues } from "../../../contract/metrics";
import { FUNCTION_ROLES } from "../../../contract/names";
import type { EpochMs } from "../../../contract/time";
import { AlarmWatch } from "../../../local/alarms/alarm-watch";
import { type AlarmState, evaluateAlarm } from "../../../local/alarms/evaluate-alarm";
import type { LogLine } from "../../../local/alarms/metric-points";

const PREFIX = "shopify/prod";
const ALARMS = alarmsOf(PREFIX, FUNCTION_ROLES);
const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 2, 12, 3) as number;

/** What the sweep says of a fleet that is well. */
const WELL: MetricValues = {
  storesOk: 30,
  underQuarterLife: 0,
  underQuarterLifeFailing: 0,
  staticTokensDead: 0,
  soonestRefreshEndSeconds: 89 * 86_400,
  sweepHeartbeat: 1,
};

/** A stack whose sweep passes every ten minutes, and CloudWatch watching it every minute. */
class Stack {
  readonly lines: LogLine[] = [];
  now = START;
  #nextSweepAt = START;
  readonly #watch = new AlarmWatch({ alarms: async () => ALARMS, lines: async () => this.lines });

  /** Lets time pass; `values` is what each sweep says, undefined: the sweep is silent. */
  async pass(minutes: number, values: MetricValues | undefined): Promise<string[]> {
    const turns: string[] = [];
    for (let minute = 0; minute < minutes; minute += 1) {
      this.now += MINUTE;
      if (this.now >= this.#nextSweepAt) {
        this.#nextSweepAt += 10 * MINUTE;
        if (values !== undefined) this.#sweep(values);
      }
      for (const { alarm, to } of await this.#watch.evaluate(this.now))
        turns.push(`${alarm.key} ${to}`);
    }
    return turns;
  }

  fail(role: string): void {
    const text = '{"level":"error","outcome":"failed"}';
    this.lines.push({ logGroup: `/aws/lambda/shopify-prod-${role}`, at: this.now, text });
  }

  firing(): Promise<string[]> {
    return this.#watch.firing();
  }

  #sweep(values: MetricValues): void {
    const text = encodeMetrics(values, { prefix: PREFIX, at: this.now as EpochMs });
    this.lines.push({ logGroup: "/aws/lambda/shopify-prod-sweep", at: this.now, text });
  }
}

describe("each alarm begins and ends", () => {
  async function wellStack(): Promise<Stack> {
    const stack = new Stack();
    await stack.pass(60, WELL);
    expect(await stack.firing()).toEqual([]);
    return stack;
  }

  test.each<[string, MetricValues]>([
    ["token-near-end", { ...WELL, underQuarterLife: 1, underQuarterLifeFailing: 1 }],
    ["static-token-dead", { ...WELL, staticTokensDead: 1 }],
    ["refresh-token-near-end", { ...WELL, soonestRefreshEndSeconds: 13 * 86_400 }],
  ])("%s", async (key, values) => {
    const stack = await wellStack();
    expect(await stack.pass(21, values)).toEqual([`${key} ALARM`]);
    expect(await stack.pass(21, WELL)).toEqual([`${key} OK`]);
  });

  test("sweep-silent, within the hour of a one-hour token", async () => {
    const stack = await wellStack();
    expect(await stack.pass(60, undefined)).toEqual(["sweep-silent ALARM"]);
    expect(await stack.pass(31, WELL)).toEqual(["sweep-silent OK"]);
  });

  test("sweep-silent, also when no sweep gets through the whole fleet", async () => {
    const stack = await wellStack();
    expect(await stack.pass(31, { ...WELL, sweepHeartbeat: 0 })).toEqual(["sweep-silent ALARM"]);
  });

  test.each(["rotate", "sweep", "install"])("%s-errors, once they last", async (role) => {
    const stack = await wellStack();
    const turns: string[] = [];
    for (let quarter = 0; quarter < 4; quarter += 1) {
      stack.fail(role);
      turns.push(...(await stack.pass(15, WELL)));
    }
    expect(turns).toEqual([`${role}-errors ALARM`]);
    expect(await stack.pass(60, WELL)).toEqual([`${role}-errors OK`]);
  });
});

describe("throttles, which Lambda counts and no log line tells", () => {
  const throttled = ALARMS.filter(({ metricName }) => metricName === "Throttles");
  const QUARTER = 15 * MINUTE;

  test.each(throttled)("$key", (alarm) => {
    const base = Math.floor(START / QUARTER) * QUARTER;
    const { namespace, metricName, dimensions } = alarm;
    const points = [0, 1, 2].map((quarter) => {
      const at = base + quarter * QUARTER + MINUTE;
      return { namespace, metricName, dimensions, at, value: 1 };
    });
    const stateAt = (quarters: number, state: AlarmState) =>
      evaluateAlarm(alarm, { points, now: base + quarters * QUARTER, state });
    expect(stateAt(2, "OK")).toBe("OK");
    expect(stateAt(3, "OK")).toBe("ALARM");
    // The look-back finds the three real points for two periods more.
    expect(stateAt(6, "ALARM")).toBe("OK");
  });

  test("there is one for each function that runs by itself", () => {
    expect(throttled.map(({ key }) => key)).toEqual([
      "rotate-throttles",
      "sweep-throttles",
      "install-throttles",
    ]);
  });
});

describe("nobody is woken", () => {
  test("by tokens under a quarter of their life whose renewal is about to work", async () => {
    const stack = new Stack();
    await stack.pass(30, WELL);
    expect(await stack.pass(60, { ...WELL, underQuarterLife: 3 })).toEqual([]);
  });

  test("by one failed invocation, or one a quarter of an hour for half an hour", async () => {
    const stack = new Stack();
    await stack.pass(30, WELL);
    stack.fail("rotate");
    expect(await stack.pass(15, WELL)).toEqual([]);
    stack.fail("rotate");
    expect(await stack.pass(60, WELL)).toEqual([]);
  });

  test("by a fleet that has no refresh token, and no token that ends", async () => {
    const stack = new Stack();
    const { soonestRefreshEndSeconds: _none, ...values } = WELL;
    await stack.pass(120, values);
    expect(await stack.firing()).toEqual([]);
  });

  test("twice by a sweep that falls silent while a token is dead", async () => {
    const stack = new Stack();
    await stack.pass(30, WELL);
    await stack.pass(30, { ...WELL, staticTokensDead: 1 });
    expect(await stack.pass(90, undefined)).toEqual(["sweep-silent ALARM"]);
    expect(await stack.firing()).toEqual(["static-token-dead", "sweep-silent"]);
  });
});

// PutMetricAlarm's constraints, from the CloudWatch API reference.
describe.each(ALARMS)("$name", (alarm: AlarmDefinition) => {
  test("is one that CloudWatch takes", () => {
    expect(alarm.name.length).toBeLessThanOrEqual(255);
    expect(alarm.description.length).toBeLessThanOrEqual(1_024);
    expect(alarm.periodSeconds % 60).toBe(0);
    expect(alarm.periodSeconds * alarm.evaluationPeriods).toBeLessThanOrEqual(86_400);
    expect(alarm.datapointsToAlarm).toBeGreaterThanOrEqual(1);
    expect(alarm.datapointsToAlarm).toBeLessThanOrEqual(alarm.evaluationPeriods);
  });

  test("watches a metric that is sent, by the stack or by Lambda, with no dimension per store", () => {
    const own = Object.values(METRICS).map(({ name }) => name) as string[];
    const known = alarm.namespace === "AWS/Lambda" ? ["Errors", "Throttles"] : own;
    expect(known).toContain(alarm.metricName);
    expect(Object.keys(alarm.dimensions)).toHaveLength(1);
  });

  test("says the status command, and where the runbook has its section", () => {
    expect(alarm.description).toContain("Next: shopify-secrets status --prefix shopify/prod");
    const page = readFileSync(join(__dirname, "../../../docs/operations.md"), "utf8");
    const heading = alarm.key.replace(
      /^(rotate|sweep|install)-(errors|throttles)$/,
      "<function>-$2",
    );
    expect(page.includes(`### \`${heading}\`\n`)).toBe(true);
  });
});

test("names are told apart, also from those of another stack", () => {
  const names = [...ALARMS, ...alarmsOf("shopify/dev", FUNCTION_ROLES)].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("a stack without the install endpoint has no alarms over it", () => {
  const keys = alarmsOf(PREFIX, ["rotate", "enrol", "sweep"]).map(({ key }) => key);
  expect(keys.filter((key) => key.startsWith("install"))).toEqual([]);
  expect(keys).toContain("sweep-errors");
});
