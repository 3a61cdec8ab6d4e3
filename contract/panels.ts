import { REFUSALS_OF_A_FLOOD } from "./alarms";
import { METRICS, type MetricKey } from "./metrics";
import { FUNCTION_ROLES, type FunctionRole } from "./names";
import { REFRESH_MARGIN_MS } from "./store/status";
import { SWEEP_EVERY_MS } from "./sweep";
import { SECOND_MS } from "./time";

/** What a metric's points of one period are drawn as. */
export type PanelStatistic = "Sum" | "Minimum" | "Maximum" | "p50" | "p99";

/** One line of a picture: a metric of the fleet. */
export interface Series {
  readonly metric: MetricKey;
  readonly statistic: PanelStatistic;
  readonly label: string;
  /** Which axis measures it. Default: left. */
  readonly axis?: "right";
}

interface PanelFrame {
  readonly title: string;
  /** In columns of a grid that has 24. */
  readonly width: number;
  /** In rows, of which about 14 fill a screen. */
  readonly height: number;
}

/** A picture of the fleet's metrics. */
export interface MetricPanel extends PanelFrame {
  readonly type: "metrics";
  readonly view: "lines" | "areas" | "numbers";
  /** In seconds: a multiple of 60. */
  readonly period: number;
  readonly series: readonly Series[];
  /** A level that the left axis' lines should not cross. */
  readonly level?: { readonly label: string; readonly value: number };
}

/** A picture of what Lambda itself counts of every function. */
export interface FunctionPanel extends PanelFrame {
  readonly type: "functions";
  readonly metrics: readonly ("Errors" | "Throttles")[];
  readonly period: number;
}

/** What the functions' logs say: a query of CloudWatch Logs Insights. */
export interface LogPanel extends PanelFrame {
  readonly type: "logs";
  readonly roles: readonly FunctionRole[];
  readonly query: string;
}

/** The stack's alarms with their states. */
export interface AlarmPanel extends PanelFrame {
  readonly type: "alarms";
}

export type Panel = MetricPanel | FunctionPanel | LogPanel | AlarmPanel;

const MINUTE = 60;
/** One point for each pass of the sweep, which writes the fleet's metrics. */
const A_PASS = SWEEP_EVERY_MS / SECOND_MS;

/** What an on-call person looks at, the question that comes first at the top left. */
export const PANELS: readonly Panel[] = [
  {
    type: "metrics",
    title: "Stores now, by state",
    width: 12,
    height: 4,
    view: "numbers",
    period: A_PASS,
    series: [
      { metric: "storesOk", statistic: "Maximum", label: "ok" },
      { metric: "storesAwaiting", statistic: "Maximum", label: "awaiting" },
      { metric: "storesFailing", statistic: "Maximum", label: "failing" },
      { metric: "storesDead", statistic: "Maximum", label: "dead" },
      { metric: "storesUninstalled", statistic: "Maximum", label: "uninstalled" },
    ],
  },
  { type: "alarms", title: "Alarms", width: 12, height: 4 },
  {
    type: "metrics",
    title: "Stores that have no working token, or lose it",
    width: 12,
    height: 6,
    view: "areas",
    period: A_PASS,
    series: [
      { metric: "storesFailing", statistic: "Maximum", label: "failing" },
      { metric: "storesDead", statistic: "Maximum", label: "dead" },
      { metric: "storesAwaiting", statistic: "Maximum", label: "awaiting" },
    ],
  },
  {
    type: "metrics",
    title: "Seconds to the soonest end of a token",
    width: 12,
    height: 6,
    view: "lines",
    period: A_PASS,
    series: [
      {
        metric: "soonestExpirySeconds",
        statistic: "Minimum",
        label: "access token",
        axis: "right",
      },
      { metric: "soonestRefreshEndSeconds", statistic: "Minimum", label: "refresh token" },
    ],
    level: { label: "refresh-token-near-end", value: REFRESH_MARGIN_MS / SECOND_MS },
  },
  {
    type: "metrics",
    title: "Tokens that need somebody",
    width: 8,
    height: 6,
    view: "lines",
    period: A_PASS,
    series: [
      { metric: "underQuarterLife", statistic: "Maximum", label: "under a quarter of its life" },
      { metric: "underQuarterLifeFailing", statistic: "Maximum", label: "… and failing" },
      { metric: "staticTokensDead", statistic: "Maximum", label: "static and refused" },
      { metric: "scopeDrift", statistic: "Maximum", label: "without a wanted scope" },
    ],
  },
  {
    type: "metrics",
    title: "The sweep: renewals of a pass, and its heartbeat",
    width: 8,
    height: 6,
    view: "lines",
    period: A_PASS,
    series: [
      { metric: "renewalsSucceeded", statistic: "Sum", label: "renewed" },
      { metric: "renewalsFailed", statistic: "Sum", label: "failed" },
      { metric: "rotationsMissed", statistic: "Maximum", label: "rotation never comes" },
      { metric: "sweepHeartbeat", statistic: "Sum", label: "passes", axis: "right" },
    ],
  },
  {
    type: "metrics",
    title: "Shopify's token endpoint: milliseconds, and refusals",
    width: 8,
    height: 6,
    view: "lines",
    period: A_PASS,
    series: [
      { metric: "tokenEndpointLatencyMs", statistic: "p50", label: "half within" },
      { metric: "tokenEndpointLatencyMs", statistic: "p99", label: "99 of 100 within" },
      { metric: "tokenEndpointRefusals", statistic: "Sum", label: "refusals", axis: "right" },
    ],
  },
  {
    type: "metrics",
    title: "The install endpoint: refused requests",
    width: 8,
    height: 6,
    view: "lines",
    period: 15 * MINUTE,
    series: [{ metric: "installRefusals", statistic: "Sum", label: "refused" }],
    level: { label: "install-refusals", value: REFUSALS_OF_A_FLOOD },
  },
  {
    type: "metrics",
    title: "Secrets Manager: writes of the fleet",
    width: 8,
    height: 6,
    view: "lines",
    period: MINUTE,
    series: [{ metric: "secretWrites", statistic: "Sum", label: "writes a minute" }],
    level: { label: "the account's quota, which nobody can raise", value: 50 * MINUTE },
  },
  {
    type: "functions",
    title: "The functions: errors and throttles",
    width: 8,
    height: 6,
    metrics: ["Errors", "Throttles"],
    period: 15 * MINUTE,
  },
  {
    type: "logs",
    title: "Refusals of Shopify's token endpoint, by code",
    width: 8,
    height: 7,
    roles: FUNCTION_ROLES,
    query: [
      'filter event = "shopify.token_endpoint" and ispresent(code)',
      "stats count(*) as refusals by code, store",
      "sort refusals desc",
      "limit 20",
    ].join("\n| "),
  },
  {
    type: "logs",
    title: "The last errors, and what they are called",
    width: 16,
    height: 7,
    roles: FUNCTION_ROLES,
    query: [
      'filter level in ["error", "warn"] and ispresent(code)',
      "fields @timestamp, event, store, code, state",
      "sort @timestamp desc",
      "limit 20",
    ].join("\n| "),
  },
];

/** Of a stack with an open app alone. */
export const OPEN_PANELS: readonly Panel[] = [
  {
    type: "metrics",
    title: "Stores that came by themselves",
    width: 8,
    height: 6,
    view: "lines",
    period: 15 * MINUTE,
    series: [
      { metric: "newStores", statistic: "Sum", label: "new" },
      { metric: "newStoresRefused", statistic: "Sum", label: "turned away" },
    ],
  },
];

/** The metrics of the fleet that some picture shows. */
export function metricsShown(panels: readonly Panel[] = [...PANELS, ...OPEN_PANELS]): string[] {
  const shown = panels.flatMap((panel) => (panel.type === "metrics" ? panel.series : []));
  return [...new Set(shown.map(({ metric }) => METRICS[metric].name))];
}
