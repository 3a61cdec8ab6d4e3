import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { AlarmDefinition, MissingData } from "../../contract/alarms";
import { FUNCTION_ROLES, hyphened, logGroupName } from "../../contract/names";
import { AlarmWatch } from "./alarm-watch";
import type { LogLine } from "./metric-points";

/** Where AWS is, as the SDK's clients take it. */
export interface AwsAddress {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Watches the alarms that a stack really deployed, over what its functions really logged. */
export function watchStack(address: AwsAddress, prefix: string): AlarmWatch & { close(): void } {
  const cloudWatch = new CloudWatchClient(address);
  const logs = new CloudWatchLogsClient(address);
  const head = `${hyphened(prefix)}-`;
  const watch = new AlarmWatch({
    alarms: () => deployedAlarms(cloudWatch, head),
    lines: async () => {
      const groups = FUNCTION_ROLES.map((role) => logGroupName(prefix, role));
      return (await Promise.all(groups.map((group) => linesOf(logs, group)))).flat();
    },
  });
  return Object.assign(watch, {
    close: () => {
      cloudWatch.destroy();
      logs.destroy();
    },
  });
}

async function deployedAlarms(client: CloudWatchClient, head: string): Promise<AlarmDefinition[]> {
  const { MetricAlarms = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNamePrefix: head, MaxRecords: 100 }),
  );
  return MetricAlarms.map((alarm) => definitionOf(alarm, head));
}

function definitionOf(alarm: MetricAlarm, head: string): AlarmDefinition {
  const name = alarm.AlarmName ?? "";
  return {
    key: name.slice(head.length),
    name,
    description: alarm.AlarmDescription ?? "",
    namespace: alarm.Namespace ?? "",
    metricName: alarm.MetricName ?? "",
    dimensions: Object.fromEntries(
      (alarm.Dimensions ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""]),
    ),
    statistic: alarm.Statistic as AlarmDefinition["statistic"],
    periodSeconds: alarm.Period ?? 0,
    evaluationPeriods: alarm.EvaluationPeriods ?? 0,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods ?? 0,
    comparison: alarm.ComparisonOperator as AlarmDefinition["comparison"],
    threshold: alarm.Threshold ?? 0,
    missingData: (alarm.TreatMissingData ?? "missing") as MissingData,
  };
}

/** Every line of a log group; none when the function has not run yet. */
async function linesOf(client: CloudWatchLogsClient, logGroup: string): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client
      .send(new FilterLogEventsCommand({ logGroupName: logGroup, nextToken }))
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
        throw error;
      });
    for (const { message = "", timestamp = 0 } of page?.events ?? []) {
      for (const text of message.split("\n")) lines.push({ logGroup, at: timestamp, text });
    }
    nextToken = page?.nextToken;
  } while (nextToken !== undefined);
  return lines;
}
