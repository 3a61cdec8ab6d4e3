import type { AlarmDefinition } from "../../contract/alarms";
import type { MetricPoint } from "./metric-points";
import { isOf, statisticOf } from "./statistic";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** What an evaluation looks at. */
export interface Evaluation {
  readonly points: readonly MetricPoint[];
  /** Epoch ms. */
  readonly now: number;
  /** The state before. */
  readonly state: AlarmState;
}

/**
 * How many periods more than the evaluated ones are looked at when some have no data.
 *
 * CloudWatch says only that it is "a higher number"; the example of its user guide has five for three.
 */
const MORE_PERIODS = 2;

/** The alarm's state at a time: what the metric's points of the last finished periods say. */
export function evaluateAlarm(alarm: AlarmDefinition, evaluation: Evaluation): AlarmState {
  return decideState(alarm, breachesOf(alarm, evaluation), evaluation.state);
}

/** Whether a finished period breached; undefined: it has no data. Oldest first. */
export type Breaches = readonly (boolean | undefined)[];

/**
 * Decides by CloudWatch's rules for missing data (user guide, "Configuring how CloudWatch alarms treat
 * missing data"): real points count before missing ones are filled in, and never more are filled in
 * than are needed.
 */
export function decideState(
  { evaluationPeriods, datapointsToAlarm, missingData }: AlarmDefinition,
  breaches: Breaches,
  state: AlarmState,
): AlarmState {
  const real = breaches.filter((breach) => breach !== undefined).slice(-evaluationPeriods);
  const breaching = real.filter(Boolean).length;
  const filled = evaluationPeriods - real.length;
  if (filled === 0 || breaching >= datapointsToAlarm) {
    return breaching >= datapointsToAlarm ? "ALARM" : "OK";
  }
  switch (missingData) {
    case "breaching":
      return breaching + filled >= datapointsToAlarm ? "ALARM" : "OK";
    case "notBreaching":
      return "OK";
    case "ignore":
      return real.includes(false) ? "OK" : state;
    case "missing":
      return decideUnfilled(breaches, datapointsToAlarm);
    default:
      return missingData satisfies never;
  }
}

/** A breach that is old enough, and after it nothing but breaches and silence, is an alarm. */
function decideUnfilled(breaches: Breaches, datapointsToAlarm: number): AlarmState {
  const first = breaches.findIndex((breach) => breach !== undefined);
  if (first === -1) return "INSUFFICIENT_DATA";
  const isOldEnough = breaches.length - first >= datapointsToAlarm;
  return isOldEnough && !breaches.includes(false) ? "ALARM" : "OK";
}

function breachesOf(alarm: AlarmDefinition, { points, now }: Evaluation): Breaches {
  const periodMs = alarm.periodSeconds * 1_000;
  const own = points.filter((point) => isOf(alarm, point));
  const end = Math.floor(now / periodMs) * periodMs;
  const count = alarm.evaluationPeriods + MORE_PERIODS;
  return Array.from({ length: count }, (_, index) => {
    const start = end - (count - index) * periodMs;
    const values = own.flatMap(({ at, value }) =>
      at >= start && at < start + periodMs ? [value] : [],
    );
    return values.length === 0 ? undefined : isBreach(alarm, statisticOf(alarm.statistic, values));
  });
}

function isBreach({ comparison, threshold }: AlarmDefinition, value: number): boolean {
  return comparison === "LessThanThreshold" ? value < threshold : value >= threshold;
}
