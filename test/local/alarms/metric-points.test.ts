import { encodeMetrics } from "../../../contract/metrics";
import type { EpochMs } from "../../../contract/time";
import { errorsIn, metricsIn } from "../../../local/alarms/metric-points";

const AT = Date.UTC(2026, 10, 2) as EpochMs;
const line = (text: string) => ({ logGroup: "/aws/lambda/shopify-dev-sweep", at: AT, text });

test("the functions' own lines become points, at the time that they name", () => {
  const text = encodeMetrics(
    { storesDead: 2, sweepHeartbeat: 1 },
    { prefix: "shopify/dev", at: AT, fields: { code: "x", store: "acme" } },
  );
  expect(metricsIn({ ...line(text), at: 0 })).toEqual([
    {
      namespace: "ShopifySecrets",
      metricName: "StoresDead",
      dimensions: { Prefix: "shopify/dev" },
      at: AT,
      value: 2,
    },
    {
      namespace: "ShopifySecrets",
      metricName: "SweepHeartbeat",
      dimensions: { Prefix: "shopify/dev" },
      at: AT,
      value: 1,
    },
  ]);
});

test("every set of dimensions is a metric of its own, and what a line lacks is none", () => {
  const text = JSON.stringify({
    _aws: {
      Timestamp: AT,
      CloudWatchMetrics: [
        {
          Namespace: "N",
          Dimensions: [["A"], ["A", "B"], []],
          Metrics: [{ Name: "M" }, { Name: "Gone" }],
        },
      ],
    },
    A: "a",
    M: 3,
  });
  expect(metricsIn(line(text)).map(({ dimensions }) => dimensions)).toEqual([{ A: "a" }, {}]);
});

test.each([
  "",
  "START RequestId: 1",
  "null",
  '{"level":"info"}',
  '{"_aws":{"Timestamp":"x"}}',
  '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{}]}}',
])("%p holds no metrics", (text) => {
  expect(metricsIn(line(text))).toEqual([]);
});

test("a failed invocation is an error of its function", () => {
  const text = '{"level":"error","event":"sweep.done","outcome":"failed"}';
  expect(errorsIn(line(text))).toEqual([
    {
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: "shopify-dev-sweep" },
      at: AT,
      value: 1,
    },
  ]);
  expect(errorsIn(line('{"level":"info","outcome":"done"}'))).toEqual([]);
  expect(errorsIn({ ...line(text), logGroup: "/other" })).toEqual([]);
});
