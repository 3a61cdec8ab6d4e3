import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  type MetricAlarm,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type PutMetricAlarmInput,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { fromApi, toApi } from "../api-names";
import { during, unlessMissing } from "../aws-error";
import type { Change, Problem, ResourceType, Session } from "../resource-type";
import { computed, either, optional, regional, table, tagged } from "../table";
import { newTags, tagChange, tagList, tagMap } from "../tags";
import { needText, object, present, textMap } from "../values";
import { isObject, type Properties } from "../wire";

export const metricAlarmTable = table("internal/service/cloudwatch/metric_alarm.go", {
  ...regional,
  ...tagged,
  actionsEnabled: optional("boolean", { initial: true }),
  alarmActions: optional("set"),
  alarmDescription: optional("string"),
  arn: computed("string"),
  comparisonOperator: optional("string"),
  datapointsToAlarm: optional("number"),
  dimensions: optional("map"),
  evaluateLowSampleCountPercentiles: either("string", { among: ["evaluate", "ignore"] }),
  evaluationPeriods: optional("number"),
  extendedStatistic: optional("string"),
  insufficientDataActions: optional("set"),
  metricName: optional("string"),
  // A set there; kept in the program's order here.
  metricQueries: optional("list", {
    of: {
      accountId: optional("string"),
      expression: optional("string"),
      id: optional("string"),
      label: optional("string"),
      metric: optional("object", {
        of: {
          dimensions: optional("map"),
          metricName: optional("string"),
          namespace: optional("string"),
          period: optional("number"),
          stat: optional("string"),
          unit: optional("string"),
        },
      }),
      period: optional("number"),
      returnData: optional("boolean", { initial: false }),
    },
  }),
  // `alarm_name` there (pulumi-aws, provider/resources.go).
  name: either("string", { forceNew: true, longest: 255 }),
  namespace: optional("string"),
  okActions: optional("set"),
  period: optional("number"),
  statistic: optional("string", {
    among: ["SampleCount", "Average", "Sum", "Minimum", "Maximum"],
  }),
  threshold: optional("number"),
  thresholdMetricId: optional("string"),
  treatMissingData: optional("string", {
    initial: "missing",
    among: ["breaching", "notBreaching", "ignore", "missing"],
  }),
  unit: optional("string"),
});

const RENAMED = {
  evaluateLowSampleCountPercentiles: "EvaluateLowSampleCountPercentile",
  name: "AlarmName",
  okActions: "OKActions",
};
const APART = new Set(["region", "tags", "tagsAll", "arn", "dimensions", "metricQueries"]);
const PLAIN = Object.keys(metricAlarmTable).filter((name) => !APART.has(name));

function validate(news: Properties): Problem[] {
  const statistics = ["statistic", "extendedStatistic"].filter((name) => news[name] !== undefined);
  const reason =
    "One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm";
  const isOdd = news["metricName"] !== undefined && statistics.length !== 1;
  const missing = ["comparisonOperator", "evaluationPeriods"].filter((name) => !(name in news));
  return [
    ...(isOdd ? [{ property: "statistic", reason }] : []),
    ...missing.map((property) => ({ property, reason: `Missing required property '${property}'` })),
  ];
}

async function put({ aws }: Session, news: Properties, tags: Record<string, string>) {
  const queries = Array.isArray(news["metricQueries"]) ? news["metricQueries"] : [];
  const input = {
    ...toApi<PutMetricAlarmInput>(news, PLAIN, RENAMED),
    Dimensions: dimensionsOf(news),
    ...(queries.length > 0 ? { Metrics: queries.filter(isObject).map(queryOf) } : {}),
    ...(Object.keys(tags).length > 0 ? { Tags: tagList(tags) } : {}),
  };
  const deed = `putting CloudWatch Metric Alarm (${needText(news, "name")})`;
  await during(deed, aws.cloudWatch.send(new PutMetricAlarmCommand(input)));
}

const dimensionsOf = (news: Properties) =>
  Object.entries(textMap(news, "dimensions")).map(([Name, Value]) => ({ Name, Value }));

function queryOf(query: Properties): MetricDataQuery {
  const names = ["accountId", "expression", "id", "label", "period", "returnData"];
  const metric = object(query, "metric");
  return {
    ...toApi<MetricDataQuery>(query, names),
    ...(metric
      ? {
          MetricStat: {
            ...toApi<{ Period: number; Stat: string }>(metric, ["period", "stat", "unit"]),
            Metric: {
              ...toApi<object>(metric, ["metricName", "namespace"]),
              Dimensions: dimensionsOf(metric),
            },
          },
        }
      : {}),
  };
}

async function read({ aws: { cloudWatch } }: Session, id: string): Promise<Properties | undefined> {
  const input = new DescribeAlarmsCommand({ AlarmNames: [id], AlarmTypes: ["MetricAlarm"] });
  const alarm = (await cloudWatch.send(input)).MetricAlarms?.[0];
  if (!alarm) return undefined;
  const ResourceARN = alarm.AlarmArn ?? "";
  const listed = await cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }));
  return {
    ...fromApi(alarm, PLAIN, RENAMED),
    ...present({
      arn: alarm.AlarmArn,
      dimensions: dimensionMap(alarm.Dimensions),
      metricQueries: alarm.Metrics?.map(describeQuery),
      treatMissingData: alarm.TreatMissingData ?? "missing",
    }),
    tags: tagMap(listed.Tags),
  };
}

const dimensionMap = (dimensions: MetricAlarm["Dimensions"]) =>
  Object.fromEntries((dimensions ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""]));

function describeQuery(query: MetricDataQuery): Properties {
  const { MetricStat: stat } = query;
  const metric = stat && {
    ...fromApi(stat, ["period", "stat", "unit"]),
    ...fromApi(stat.Metric ?? {}, ["metricName", "namespace"]),
    dimensions: dimensionMap(stat.Metric?.Dimensions),
  };
  const names = ["accountId", "expression", "id", "label", "period"];
  return present({ ...fromApi(query, names), metric, returnData: query.ReturnData ?? false });
}

async function update(session: Session, change: Change): Promise<undefined> {
  const { cloudWatch } = session.aws;
  const isMore = [...change.changed].some((name) => name !== "tags" && name !== "tagsAll");
  if (isMore) await put(session, change.news, {});
  const tags = tagChange(change);
  const ResourceARN = needText(change.olds, "arn");
  if (tags?.drop.length) {
    await cloudWatch.send(new UntagResourceCommand({ ResourceARN, TagKeys: tags.drop }));
  }
  if (tags && Object.keys(tags.set).length > 0) {
    await cloudWatch.send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags.set) }));
  }
  return undefined;
}

export const metricAlarm: ResourceType = {
  token: "aws:cloudwatch/metricAlarm:MetricAlarm",
  table: metricAlarmTable,
  autoName: { property: "name", max: 255 },
  validate,
  create: async (session, news) => {
    const id = needText(news, "name");
    if (await read(session, id)) throw new Error(`CloudWatch metric alarm "${id}" already exists`);
    await put(session, news, newTags(news));
    return { id };
  },
  read,
  update,
  remove: async ({ aws }, id) => {
    const deleted = aws.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
    const gone = ["ResourceNotFound", "ResourceNotFoundException"];
    await during(`deleting CloudWatch Metric Alarm (${id})`, unlessMissing(deleted, gone));
  },
};
