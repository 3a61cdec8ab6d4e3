import type { MetricPoint } from "./metric-points";

/** What says which points are a metric's. */
export type MetricName = Pick<MetricPoint, "namespace" | "metricName" | "dimensions">;

/** Whether a point is the metric's: by its name and by all of its dimensions, in any order. */
export function isOf(metric: MetricName, point: MetricPoint): boolean {
  const names = Object.keys(metric.dimensions);
  return (
    point.namespace === metric.namespace &&
    point.metricName === metric.metricName &&
    Object.keys(point.dimensions).length === names.length &&
    names.every((name) => point.dimensions[name] === metric.dimensions[name])
  );
}

export type Statistic = "Sum" | "Minimum" | "Maximum";

/** One number for the values of a period, of which there is at least one. */
export function statisticOf(statistic: Statistic, values: readonly number[]): number {
  switch (statistic) {
    case "Sum":
      return values.reduce((sum, value) => sum + value, 0);
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    default:
      return statistic satisfies never;
  }
}
