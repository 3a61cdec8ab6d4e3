import { parseJsonQuietly } from "../../contract/quiet-json";

/** One measured value of a metric. */
export interface MetricPoint {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly at: number;
  readonly value: number;
}

/** One line of a log group. */
export interface LogLine {
  readonly logGroup: string;
  /** Epoch ms, as the log group has it. */
  readonly at: number;
  readonly text: string;
}

/** The metrics in a log line, as CloudWatch extracts them (embedded metric format); none from any other line. */
export function metricsIn({ text }: LogLine): MetricPoint[] {
  const line = objectOf(parseJsonQuietly(text));
  const { Timestamp, CloudWatchMetrics } = objectOf(line["_aws"]);
  if (typeof Timestamp !== "number" || !Array.isArray(CloudWatchMetrics)) return [];
  return CloudWatchMetrics.map(objectOf).flatMap((directive) =>
    pointsOf(directive, line).map((point) => ({ ...point, at: Timestamp })),
  );
}

/** Every set of dimensions is a metric of its own; a member that the line lacks makes no point. */
function pointsOf(
  directive: Readonly<Record<string, unknown>>,
  line: Readonly<Record<string, unknown>>,
): Omit<MetricPoint, "at">[] {
  const { Namespace, Dimensions, Metrics } = directive;
  if (typeof Namespace !== "string" || !Array.isArray(Metrics)) return [];
  const sets: unknown[] = Array.isArray(Dimensions) ? Dimensions : [[]];
  return sets.flatMap((set) =>
    Metrics.map(objectOf).flatMap(({ Name }) => {
      const value = line[String(Name)];
      const dimensions = dimensionsOf(set, line);
      if (dimensions === undefined || typeof value !== "number") return [];
      return [{ namespace: Namespace, metricName: String(Name), dimensions, value }];
    }),
  );
}

function dimensionsOf(
  set: unknown,
  line: Readonly<Record<string, unknown>>,
): Record<string, string> | undefined {
  const names: unknown[] = Array.isArray(set) ? set : [];
  const pairs = names.map((name) => [String(name), line[String(name)]] as const);
  if (pairs.some(([, value]) => typeof value !== "string")) return undefined;
  return Object.fromEntries(pairs) as Record<string, string>;
}

const LOG_GROUP_HEAD = "/aws/lambda/";

/** Lambda's own metric of a failed invocation: our functions' last line tells it. */
export function errorsIn({ logGroup, at, text }: LogLine): MetricPoint[] {
  if (!logGroup.startsWith(LOG_GROUP_HEAD)) return [];
  const { level, outcome } = objectOf(parseJsonQuietly(text));
  if (level !== "error" || outcome !== "failed") return [];
  const dimensions = { FunctionName: logGroup.slice(LOG_GROUP_HEAD.length) };
  return [{ namespace: "AWS/Lambda", metricName: "Errors", dimensions, at, value: 1 }];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
