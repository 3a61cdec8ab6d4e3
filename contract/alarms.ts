import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "./metrics";
import { type FunctionRole, functionName, hyphened } from "./names";
import { REFRESH_MARGIN_MS } from "./store/status";
import { SECOND_MS } from "./time";

/** What an alarm does with a period that has no data (CloudWatch user guide, "How alarms handle missing data"). */
export type MissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** An alarm on one metric, in CloudWatch's own terms. */
export interface AlarmDefinition {
  /** What it is called in docs/operations.md. */
  readonly key: string;
  readonly name: string;
  /** What is wrong, and the next command; people read it at three in the morning. */
  readonly description: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: "Sum" | "Minimum" | "Maximum";
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  /** How many of the evaluated periods have to breach. */
  readonly datapointsToAlarm: number;
  readonly comparison: "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly threshold: number;
  readonly missingData: MissingData;
}

/** The functions that run by themselves; what `pulumi up` and people call tells them its errors itself. */
const WATCHED_FUNCTIONS = [
  "rotate",
  "sweep",
  "install",
  "work",
] as const satisfies readonly FunctionRole[];

const MINUTE = 60;

/** Every alarm of a stack: they say that something is wrong; which store it is, the notice and `status` say. */
export function alarmsOf(
  prefix: string,
  functions: readonly FunctionRole[],
  openInstalls = false,
): AlarmDefinition[] {
  const watched = WATCHED_FUNCTIONS.filter((role) => functions.includes(role));
  return [
    ...fleetAlarms(prefix),
    ...watched.flatMap((role) => functionAlarms(prefix, role)),
    ...(functions.includes("install") ? [floodAlarm(prefix)] : []),
    ...(openInstalls ? [turnedAwayAlarm(prefix)] : []),
  ];
}

/** Merchants who approved an open app and got no store: it is more loved than its limit says, or somebody floods it. */
function turnedAwayAlarm(prefix: string): AlarmDefinition {
  return {
    ...fleetMetric(prefix, "newStoresRefused"),
    ...alarmText(
      prefix,
      "new-stores-refused",
      "an open app takes in as many new stores an hour as config lets it, and turns merchants away",
    ),
    statistic: "Sum",
    periodSeconds: 15 * MINUTE,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    missingData: "notBreaching",
  };
}

/** Far more than merchants with old links bring, and far less than the endpoint lets in: one refusal in five seconds. */
export const REFUSALS_OF_A_FLOOD = 180;

/** Somebody who is nobody asks the install endpoint again and again: it costs calls, and keeps merchants out. */
function floodAlarm(prefix: string): AlarmDefinition {
  return {
    ...fleetMetric(prefix, "installRefusals"),
    ...alarmText(
      prefix,
      "install-refusals",
      "the install endpoint refuses a request in five seconds and more; its log group says which, and by which code",
    ),
    statistic: "Sum",
    periodSeconds: 15 * MINUTE,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: REFUSALS_OF_A_FLOOD,
    missingData: "notBreaching",
  };
}

/**
 * The alarms over the fleet's metrics, which the sweep writes every ten minutes.
 *
 * One failed attempt wakes nobody: a token gets under a quarter of its life only after at least two
 * renewals failed. A definite answer, such as a 401 to a static token, needs no second look.
 */
export function fleetAlarms(prefix: string): AlarmDefinition[] {
  return [
    {
      ...fleetMetric(prefix, "underQuarterLifeFailing"),
      ...alarmText(
        prefix,
        "token-near-end",
        "an access token has less than a quarter of its life left, and its last renewal failed",
      ),
      ...AT_ONCE,
    },
    {
      ...fleetMetric(prefix, "staticTokensDead"),
      ...alarmText(
        prefix,
        "static-token-dead",
        "Shopify refuses a static access token, which nobody renews but a person",
      ),
      ...AT_ONCE,
    },
    {
      ...fleetMetric(prefix, "soonestRefreshEndSeconds"),
      ...alarmText(
        prefix,
        "refresh-token-near-end",
        "a refresh token ends within 14 days; after that only the merchant can help",
      ),
      ...AT_ONCE,
      statistic: "Minimum",
      comparison: "LessThanThreshold",
      threshold: REFRESH_MARGIN_MS / SECOND_MS,
      // A fleet without refresh tokens never sends this metric.
      missingData: "notBreaching",
    },
    {
      ...fleetMetric(prefix, "sweepHeartbeat"),
      ...alarmText(
        prefix,
        "sweep-silent",
        "the sweep has not passed over the whole fleet: one-hour tokens end soon, and nothing is watched",
      ),
      statistic: "Sum",
      // Longer than the sweep's ten minutes, so that every period of a working stack has a heartbeat in it.
      periodSeconds: 15 * MINUTE,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      comparison: "LessThanThreshold",
      threshold: 1,
      missingData: "breaching",
    },
  ];
}

/** A state that is a fact at one pass of the sweep; while the sweep is silent the alarm stays as it is. */
const AT_ONCE = {
  statistic: "Maximum",
  periodSeconds: 10 * MINUTE,
  evaluationPeriods: 1,
  datapointsToAlarm: 1,
  comparison: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  missingData: "ignore",
} as const;

/** Errors or throttles in every quarter of an hour: a broken function, not one store's failed renewal. */
export function functionAlarms(prefix: string, role: FunctionRole): AlarmDefinition[] {
  const name = functionName(prefix, role);
  const lasting = {
    namespace: "AWS/Lambda",
    dimensions: { FunctionName: name },
    statistic: "Sum",
    periodSeconds: 15 * MINUTE,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    missingData: "notBreaching",
  } as const;
  return [
    {
      ...lasting,
      metricName: "Errors",
      ...alarmText(
        prefix,
        `${role}-errors`,
        `the function ${name} has been failing for 45 minutes; its log group says why`,
      ),
    },
    {
      ...lasting,
      metricName: "Throttles",
      ...alarmText(
        prefix,
        `${role}-throttles`,
        `Lambda has been throttling the function ${name} for 45 minutes: raise the account's concurrency`,
      ),
    },
  ];
}

function fleetMetric(prefix: string, key: keyof typeof METRICS) {
  return {
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[key].name,
    dimensions: { [METRIC_DIMENSION]: prefix },
  };
}

function alarmText(
  prefix: string,
  key: string,
  says: string,
): Pick<AlarmDefinition, "key" | "name" | "description"> {
  return {
    key,
    name: `${hyphened(prefix)}-${key}`,
    description: `${prefix}: ${says}. Next: shopify-secrets status --prefix ${prefix}. See "${key}" in docs/operations.md.`,
  };
}
