import { METRICS } from "../../contract/metrics";
import type { Step } from "./steps";

/** Dollars a month in us-east-1 (AWS's price pages, November 2026); calls, logs and run time come on top. */
const MONTHLY_DOLLARS: Readonly<Record<string, number>> = {
  "aws:secretsmanager/secret:Secret": 0.4,
  "aws:kms/key:Key": 1,
  "aws:cloudwatch/metricAlarm:MetricAlarm": 0.1,
  // The first three of an account are free.
  "aws:cloudwatch/dashboard:Dashboard": 3,
};
const METRIC_DOLLARS = 0.3;

/** The schedule of the sweep, which alone publishes the fleet's metrics. */
const SWEEP_SCHEDULE = "aws:scheduler/schedule:Schedule";

/** What the stack's resources cost a month, in dollars, before and after. */
export interface Cost {
  readonly now: number;
  readonly after: number;
}

/** Adds up what stands still: secrets, keys, alarms, metrics and the dashboard. */
export function costOf(steps: readonly Step[]): Cost {
  const isThere = (step: Step) => step.op !== "create" && step.op !== "create-replacement";
  const stays = (step: Step) => step.op !== "delete" && step.op !== "delete-replaced";
  // A replacement comes as three steps, of which one stands for the resource.
  const counted = steps.filter(({ op }) => op !== "create-replacement" && op !== "delete-replaced");
  return { now: sum(counted.filter(isThere)), after: sum(counted.filter(stays)) };
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((total, { type }) => {
    const metrics = type === SWEEP_SCHEDULE ? Object.keys(METRICS).length * METRIC_DOLLARS : 0;
    return total + (MONTHLY_DOLLARS[type] ?? 0) + metrics;
  }, 0);
}
