import type { MetricPoint } from "./metric-points";
import { isOf, statisticOf } from "./statistic";

/** One metric of a dashboard's widget: namespace, name, names and values of dimensions, how it is drawn. */
export type WidgetMetric = readonly unknown[];

/** What a line of a picture shows: its points, oldest first; a period without data has none. */
export interface DrawnLine {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
}

/** The time that a picture shows. */
export interface Window {
  /** Epoch ms. */
  readonly from: number;
  /** Epoch ms. */
  readonly to: number;
  readonly periodSeconds: number;
}

/** The lines of a metric widget over a world's points. */
export function drawMetrics(
  metrics: readonly WidgetMetric[],
  points: readonly MetricPoint[],
  window: Window,
): DrawnLine[] {
  return metrics.map((metric) => {
    const { named, label, stat } = readMetric(metric);
    const own = points.filter((point) => isOf(named, point));
    return { label, values: valuesOf(own, stat, window) };
  });
}

function readMetric(metric: WidgetMetric) {
  const texts = metric.filter((part): part is string => typeof part === "string");
  const [namespace = "", metricName = "", ...pairs] = texts;
  const dimensions: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2)
    dimensions[pairs[at] ?? ""] = pairs[at + 1] ?? "";
  const { label = metricName, stat = "Average" } = (metric.at(-1) ?? {}) as {
    label?: string;
    stat?: string;
  };
  return { named: { namespace, metricName, dimensions }, label, stat };
}

function valuesOf(
  points: readonly MetricPoint[],
  stat: string,
  { from, to, periodSeconds }: Window,
): (number | undefined)[] {
  const periodMs = periodSeconds * 1_000;
  const first = Math.floor(from / periodMs) * periodMs;
  const starts = Array.from(
    { length: Math.ceil((to - first) / periodMs) },
    (_, index) => first + index * periodMs,
  );
  return starts.map((start) => {
    const within = points.filter(({ at }) => at >= start && at < start + periodMs);
    return within.length === 0
      ? undefined
      : drawnAs(
          stat,
          within.map(({ value }) => value),
        );
  });
}

function drawnAs(stat: string, values: readonly number[]): number {
  const [, percentile] = /^p(\d+)$/.exec(stat) ?? [];
  if (percentile !== undefined) return nearestRank(values, Number(percentile) / 100);
  const statistic = (["Sum", "Minimum", "Maximum"] as const).find((one) => one === stat);
  if (statistic === undefined) throw new Error(`a statistic is not stood in for: ${stat}`);
  return statisticOf(statistic, values);
}

function nearestRank(values: readonly number[], share: number): number {
  const ordered = [...values].sort((one, other) => one - other);
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? Number.NaN;
}
