import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../contract/metrics";
import { FUNCTION_ROLES, logGroupName } from "../../contract/names";
import {
  type FunctionPanel,
  type LogPanel,
  type MetricPanel,
  OPEN_PANELS,
  PANELS,
  type Panel,
} from "../../contract/panels";
import { arranged, HEADER_HEIGHT } from "./arrange";

type Json = Readonly<Record<string, unknown>>;

/** The oldest Grafana whose format this is: 10.4 has it, and every newer one brings it up to date by itself. */
const SCHEMA_VERSION = 39;
const SOURCE = { type: "cloudwatch", uid: "$datasource" };

/**
 * The pictures of a stack, for Grafana's import; whose they are is asked there (data source, region, prefix).
 *
 * Alarms are CloudWatch's own, so their picture is left out.
 */
export function grafanaDashboard(): Json {
  const drawn = [...PANELS, ...OPEN_PANELS].filter(({ type }) => type !== "alarms");
  return {
    title: "Shopify tokens",
    uid: "shopify-secrets",
    tags: ["shopify-secrets"],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    refresh: "5m",
    time: { from: "now-24h", to: "now" },
    timezone: "utc",
    templating: { list: VARIABLES },
    panels: arranged(drawn).map(({ panel, x, y }, index) => ({
      id: index + 1,
      title: panel.title,
      datasource: SOURCE,
      gridPos: { x, y: y - HEADER_HEIGHT, w: panel.width, h: panel.height },
      ...panelOf(panel),
    })),
  };
}

/** Function names are made of the prefix with hyphens, which Grafana cannot make itself. */
const VARIABLES: readonly Json[] = [
  { name: "datasource", label: "CloudWatch", type: "datasource", query: "cloudwatch" },
  { name: "region", label: "Region", type: "textbox", query: "us-east-1" },
  { name: "prefix", label: "Prefix", type: "textbox", query: "shopify/prod" },
  { name: "functions", label: "Prefix with hyphens", type: "textbox", query: "shopify-prod" },
];

/** Stands where a prefix with hyphens would. */
const HYPHENED = "$functions";

function panelOf(panel: Panel): Json {
  switch (panel.type) {
    case "metrics":
      return metricPanel(panel);
    case "functions":
      return functionPanel(panel);
    case "logs":
      return logPanel(panel);
    case "alarms":
      return {};
    default:
      return panel satisfies never;
  }
}

function metricPanel(panel: MetricPanel): Json {
  const targets = panel.series.map(({ metric, statistic, label }) => ({
    namespace: METRIC_NAMESPACE,
    metricName: METRICS[metric].name,
    dimensions: { [METRIC_DIMENSION]: "$prefix" },
    statistic,
    label,
  }));
  const type = panel.view === "numbers" ? "stat" : "timeseries";
  return { type, targets: numbered(targets, panel.period), fieldConfig: fieldsOf(panel) };
}

function fieldsOf({ view, series, level }: MetricPanel): Json {
  const onTheRight = series.filter(({ axis }) => axis === "right");
  const custom = view === "areas" ? { fillOpacity: 30, stacking: { mode: "normal" } } : {};
  return {
    defaults: {
      min: 0,
      custom: { ...custom, ...(level === undefined ? {} : { thresholdsStyle: { mode: "line" } }) },
      ...(level === undefined ? {} : { thresholds: thresholdAt(level.value) }),
    },
    overrides: onTheRight.map(({ label }) => ({
      matcher: { id: "byName", options: label },
      properties: [{ id: "custom.axisPlacement", value: "right" }],
    })),
  };
}

const thresholdAt = (value: number): Json => ({
  mode: "absolute",
  steps: [
    { color: "transparent", value: null },
    { color: "red", value },
  ],
});

function functionPanel(panel: FunctionPanel): Json {
  const targets = FUNCTION_ROLES.flatMap((role) =>
    panel.metrics.map((metricName) => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensions: { FunctionName: `${HYPHENED}-${role}` },
      statistic: "Sum",
      label: `${role}: ${metricName.toLowerCase()}`,
    })),
  );
  const fieldConfig = { defaults: { min: 0 }, overrides: [] };
  return { type: "timeseries", targets: numbered(targets, panel.period), fieldConfig };
}

function numbered(targets: readonly Json[], period: number): readonly Json[] {
  return targets.map((target, index) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource: SOURCE,
    region: "$region",
    queryMode: "Metrics",
    metricQueryType: 0,
    metricEditorMode: 0,
    matchExact: true,
    period: String(period),
    ...target,
  }));
}

function logPanel({ roles, query }: LogPanel): Json {
  const logGroupNames = roles.map((role) => logGroupName(HYPHENED, role));
  const target = { queryMode: "Logs", expression: query, logGroupNames, statsGroups: [] };
  const asked = { refId: "A", datasource: SOURCE, region: "$region", ...target };
  return { type: "table", targets: [asked], fieldConfig: { defaults: {}, overrides: [] } };
}
