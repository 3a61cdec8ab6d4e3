import { readFileSync } from "node:fs";
import * as v from "valibot";
import { alarmsOf } from "../../contract/alarms";
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS } from "../../contract/metrics";
import { dashboardName, FUNCTION_ROLES } from "../../contract/names";
import { metricsShown } from "../../contract/panels";
import { arranged, COLUMNS } from "../../infra/dashboard/arrange";
import { cloudWatchDashboardOf, type Widget } from "../../infra/dashboard/cloudwatch";
import { GRAFANA_FILE, grafanaText } from "../../scripts/build-dashboards";

const PLACE = { partition: "aws", region: "eu-central-1", accountId: "123456789012" };
const PREFIX = "shopify/prod";
const SUBJECT = { place: PLACE, prefix: PREFIX, functions: FUNCTION_ROLES, openInstalls: true };

const text = v.pipe(v.string(), v.minLength(1));
const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const axis = v.strictObject({
  label: v.optional(text),
  min: v.optional(v.number()),
  max: v.optional(v.number()),
  showUnits: v.optional(v.boolean()),
});
const metric = v.pipe(
  v.array(v.union([text, v.record(v.string(), v.unknown())])),
  v.check((parts) => {
    const drawn = parts.at(-1);
    const names = parts.slice(0, -1);
    return (
      typeof drawn === "object" &&
      names.length % 2 === 0 &&
      names.every((part) => typeof part === "string")
    );
  }, "a namespace, a name, pairs of a dimension, and how it is drawn"),
);
const drawing = v.strictObject({
  stat: v.pipe(
    v.string(),
    v.regex(/^(SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d{1,2})?)$/),
  ),
  label: v.optional(text),
  yAxis: v.optional(v.picklist(["left", "right"])),
});
const place = {
  x: whole(0, 23),
  y: whole(0, 1_000_000),
  width: whole(1, 24),
  height: whole(1, 1_000),
};

/** CloudWatch's own grammar, as its guide has it ("Dashboard body structure and syntax"); no member that it does not know. */
const GRAMMAR = v.strictObject({
  start: v.pipe(v.string(), v.regex(/^-P(T\d+[MH]|\d+[DWM])$/)),
  periodOverride: v.picklist(["auto", "inherit"]),
  widgets: v.pipe(
    v.array(
      v.variant("type", [
        v.strictObject({
          type: v.literal("text"),
          ...place,
          properties: v.strictObject({ markdown: text }),
        }),
        v.strictObject({
          type: v.literal("metric"),
          ...place,
          properties: v.strictObject({
            title: text,
            region: v.pipe(v.string(), v.regex(/^[a-z]{2}(-[a-z]+)+-\d$/)),
            view: v.picklist(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]),
            stacked: v.optional(v.boolean()),
            period: v.pipe(whole(60, 86_400), v.multipleOf(60)),
            metrics: v.pipe(v.array(metric), v.minLength(1), v.maxLength(500)),
            yAxis: v.optional(v.strictObject({ left: v.optional(axis), right: v.optional(axis) })),
            annotations: v.optional(
              v.strictObject({
                horizontal: v.array(v.strictObject({ label: text, value: v.number() })),
              }),
            ),
          }),
        }),
        v.strictObject({
          type: v.literal("log"),
          ...place,
          properties: v.strictObject({
            title: text,
            region: text,
            view: v.picklist(["table", "timeSeries", "bar", "pie"]),
            query: v.pipe(
              v.string(),
              v.regex(/^SOURCE '[^']+'(\n\| SOURCE '[^']+')*\n\| (fields|filter) /),
            ),
          }),
        }),
        v.strictObject({
          type: v.literal("alarm"),
          ...place,
          properties: v.strictObject({
            title: text,
            sortBy: v.picklist(["default", "stateUpdatedTimestamp", "timestamp"]),
            alarms: v.pipe(v.array(text), v.minLength(1), v.maxLength(100)),
          }),
        }),
      ]),
    ),
    v.maxLength(500),
  ),
});

const metricsOf = (widget: Widget) =>
  widget.type === "metric" ? (widget.properties["metrics"] as unknown[][]) : [];

describe("the dashboard in CloudWatch", () => {
  const body = cloudWatchDashboardOf(SUBJECT);
  const metrics = body.widgets.flatMap(metricsOf);

  test("is of CloudWatch's grammar", () => {
    expect(v.safeParse(GRAMMAR, body).issues).toBeUndefined();
    for (const one of metrics) expect(v.safeParse(drawing, one.at(-1)).issues).toBeUndefined();
  });

  test("shows what a function really publishes, and all of it", () => {
    const published = Object.values(METRICS).map(({ name }) => name);
    expect(metricsShown().sort()).toEqual([...published].sort());
    const ours = metrics.filter(([namespace]) => namespace === METRIC_NAMESPACE);
    expect(new Set(ours.map(([, name]) => name))).toEqual(new Set(published));
    for (const [, , dimension, value] of ours)
      expect([dimension, value]).toEqual([METRIC_DIMENSION, PREFIX]);
  });

  test("and of Lambda's own metrics those that alarms watch", () => {
    const watched = alarmsOf(PREFIX, FUNCTION_ROLES)
      .filter(({ namespace }) => namespace === "AWS/Lambda")
      .map(({ metricName, dimensions }) => `${metricName} ${dimensions["FunctionName"]}`);
    const shown = metrics
      .filter(([namespace]) => namespace === "AWS/Lambda")
      .map(([, name, , value]) => `${name} ${value}`);
    expect(shown).toEqual(expect.arrayContaining(watched));
  });

  test("has every alarm of the stack, and its log groups, without those of an endpoint that is not there", () => {
    const functions = FUNCTION_ROLES.filter((role) => role !== "install");
    const said = JSON.stringify(cloudWatchDashboardOf({ ...SUBJECT, functions }));
    for (const { name } of alarmsOf(PREFIX, functions)) expect(said).toContain(`:alarm:${name}"`);
    for (const role of functions) expect(said).toContain(`/aws/lambda/shopify-prod-${role}'`);
    expect(said).not.toContain("shopify-prod-install");
  });

  test("no picture lies on another one, and none leaves the grid", () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of body.widgets) {
      expect(x + width).toBeLessThanOrEqual(COLUMNS);
      for (let column = x; column < x + width; column += 1)
        for (let row = y; row < y + height; row += 1) {
          expect(taken).not.toContain(`${column},${row}`);
          taken.add(`${column},${row}`);
        }
    }
  });

  test("a panel that does not fit beside the others begins a new row below the highest of them", () => {
    const panel = (width: number, height: number) =>
      ({ type: "alarms", title: "", width, height }) as const;
    const rows = arranged([panel(12, 4), panel(12, 6), panel(8, 2)]);
    expect(rows.map(({ x, y }) => [x, y])).toEqual([
      [0, 3],
      [12, 3],
      [0, 9],
    ]);
  });

  test("fits CloudWatch at the longest prefix; the same prefix in two regions makes two dashboards", () => {
    const prefix = "a".repeat(36);
    const place = { ...PLACE, region: "ap-southeast-5" };
    expect(
      JSON.stringify(cloudWatchDashboardOf({ ...SUBJECT, place, prefix })).length,
    ).toBeLessThan(30_000);
    expect(dashboardName(PREFIX, "eu-central-1")).not.toBe(dashboardName(PREFIX, "us-east-1"));
    expect(dashboardName(prefix, place.region)).toMatch(/^[\w-]{1,255}$/);
  });

  test("leads to the console of its own partition", () => {
    const place = { ...PLACE, partition: "aws-us-gov", region: "us-gov-west-1" };
    const [header] = cloudWatchDashboardOf({ ...SUBJECT, place }).widgets;
    const markdown = String(header?.properties["markdown"]);
    expect(markdown).toContain("https://us-gov-west-1.console.amazonaws-us-gov.com/");
    expect(markdown).toContain(
      "logsV2:log-groups/log-group/$252Faws$252Flambda$252Fshopify-prod-sweep",
    );
  });
});

describe("the dashboard for Grafana", () => {
  test("lies in the docs as it is made (npm run dashboards)", () => {
    // The formatter has its own mind about short lists.
    expect(JSON.parse(readFileSync(GRAFANA_FILE, "utf8"))).toEqual(JSON.parse(grafanaText()));
  });

  test("asks the same metrics and the same queries", () => {
    const { panels } = JSON.parse(grafanaText()) as { panels: GrafanaPanel[] };
    const targets = panels.flatMap((panel) => panel.targets);
    const asked = targets.filter(({ namespace }) => namespace === METRIC_NAMESPACE);
    expect(new Set(asked.map(({ metricName }) => metricName))).toEqual(new Set(metricsShown()));
    for (const { dimensions } of asked) expect(dimensions).toEqual({ Prefix: "$prefix" });
    const ours = cloudWatchDashboardOf(SUBJECT).widgets.filter(({ type }) => type === "log");
    for (const { expression } of targets.filter(({ queryMode }) => queryMode === "Logs")) {
      expect(ours.some(({ properties }) => String(properties["query"]).endsWith(expression))).toBe(
        true,
      );
    }
  });

  test("every variable that it uses is asked for at its import", () => {
    const { templating } = JSON.parse(grafanaText()) as {
      templating: { list: { name: string }[] };
    };
    const used = [...grafanaText().matchAll(/\$\{?(\w+)/g)].map(([, name]) => name);
    expect(new Set(templating.list.map(({ name }) => name))).toEqual(new Set(used));
  });
});

interface GrafanaPanel {
  readonly targets: readonly {
    readonly namespace?: string;
    readonly metricName: string;
    readonly dimensions: unknown;
    readonly queryMode: string;
    readonly expression: string;
  }[];
}
