import { alarmsOf } from "../../contract/alarms";
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../contract/metrics";
import { functionName, logGroupName } from "../../contract/names";
import {
  type AlarmPanel,
  type FunctionPanel,
  type LogPanel,
  type MetricPanel,
  OPEN_PANELS,
  PANELS,
  type Panel,
} from "../../contract/panels";
import { arranged } from "./arrange";
import { headerOf } from "./header";
import type { DashboardSubject, Widget } from "./widget";

export type { DashboardSubject, Widget } from "./widget";

/** The body of a dashboard as CloudWatch takes it. */
export interface DashboardBody {
  /** ISO 8601: where the pictures begin when nobody chose. */
  readonly start: string;
  readonly periodOverride: "inherit";
  readonly widgets: readonly Widget[];
}

/** The pictures of a stack, for CloudWatch. */
export function cloudWatchDashboardOf(subject: DashboardSubject): DashboardBody {
  const panels = subject.openInstalls ? [...PANELS, ...OPEN_PANELS] : PANELS;
  const widgets = arranged(panels).map(({ panel, x, y }): Widget => {
    const { width, height } = panel;
    return { ...widgetOf(panel, subject), x, y, width, height };
  });
  return { start: "-P1D", periodOverride: "inherit", widgets: [headerOf(subject), ...widgets] };
}

type Drawn = Pick<Widget, "type" | "properties">;

function widgetOf(panel: Panel, subject: DashboardSubject): Drawn {
  switch (panel.type) {
    case "metrics":
      return metricWidget(panel, subject);
    case "functions":
      return functionWidget(panel, subject);
    case "logs":
      return logWidget(panel, subject);
    case "alarms":
      return alarmWidget(panel, subject);
    default:
      return panel satisfies never;
  }
}

const VIEWS = {
  lines: { view: "timeSeries", stacked: false },
  areas: { view: "timeSeries", stacked: true },
  numbers: { view: "singleValue" },
} as const satisfies Readonly<Record<MetricPanel["view"], object>>;

function metricWidget(panel: MetricPanel, { place, prefix }: DashboardSubject): Drawn {
  const metrics = panel.series.map(({ metric, statistic, label, axis }) => [
    METRIC_NAMESPACE,
    METRICS[metric].name,
    METRIC_DIMENSION,
    prefix,
    { stat: statistic, label, ...(axis === undefined ? {} : { yAxis: axis }) },
  ]);
  return {
    type: "metric",
    properties: {
      title: panel.title,
      region: place.region,
      ...VIEWS[panel.view],
      period: panel.period,
      metrics,
      ...(panel.view === "numbers" ? {} : { yAxis: FROM_ZERO }),
      ...(panel.level === undefined ? {} : { annotations: { horizontal: [panel.level] } }),
    },
  };
}

/** Units are in the titles: CloudWatch's own would say "Count" beside every axis. */
const FROM_ZERO = { left: { min: 0, showUnits: false }, right: { min: 0, showUnits: false } };

function functionWidget(panel: FunctionPanel, subject: DashboardSubject): Drawn {
  const metrics = subject.functions.flatMap((role) =>
    panel.metrics.map((metric) => [
      "AWS/Lambda",
      metric,
      "FunctionName",
      functionName(subject.prefix, role),
      { stat: "Sum", label: `${role}: ${metric.toLowerCase()}` },
    ]),
  );
  const { title, period } = panel;
  const { region } = subject.place;
  return {
    type: "metric",
    properties: { title, region, ...VIEWS.lines, period, metrics, yAxis: FROM_ZERO },
  };
}

function logWidget(panel: LogPanel, { place, prefix, functions }: DashboardSubject): Drawn {
  const sources = panel.roles
    .filter((role) => functions.includes(role))
    .map((role) => `SOURCE '${logGroupName(prefix, role)}'`);
  return {
    type: "log",
    properties: {
      title: panel.title,
      region: place.region,
      view: "table",
      query: [...sources, panel.query].join("\n| "),
    },
  };
}

function alarmWidget({ title }: AlarmPanel, subject: DashboardSubject): Drawn {
  const { partition, region, accountId } = subject.place;
  const alarms = alarmsOf(subject.prefix, subject.functions).map(
    ({ name }) => `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${name}`,
  );
  return { type: "alarm", properties: { title, sortBy: "stateUpdatedTimestamp", alarms } };
}
