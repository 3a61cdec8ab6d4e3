import type { EpochMs } from "./time";

/** The namespace of the fleet's metrics in CloudWatch. */
export const METRIC_NAMESPACE = "ShopifySecrets";

/** The only dimension: the stack's prefix. A dimension per store would cost as much as the store's secret. */
export const METRIC_DIMENSION = "Prefix";

/** What the sweep says of the fleet at the end of each pass, and the functions of their calls to Shopify. */
export const METRICS = {
  /** Stores by state: see {@link STATE_METRICS}. */
  storesOk: { name: "StoresOk", unit: "Count" },
  storesAwaiting: { name: "StoresAwaiting", unit: "Count" },
  storesFailing: { name: "StoresFailing", unit: "Count" },
  storesDead: { name: "StoresDead", unit: "Count" },
  storesUninstalled: { name: "StoresUninstalled", unit: "Count" },
  /** Seconds to the soonest end of an access token; left out when no token of the fleet ends. */
  soonestExpirySeconds: { name: "SecondsToSoonestExpiry", unit: "Seconds" },
  /** Seconds to the soonest end of a refresh token; left out when the fleet has none. */
  soonestRefreshEndSeconds: { name: "SecondsToSoonestRefreshEnd", unit: "Seconds" },
  /** Access tokens with less than a quarter of their life left. */
  underQuarterLife: { name: "TokensUnderQuarterLife", unit: "Count" },
  /** Those of them whose last attempt failed: nobody is about to mend them. */
  underQuarterLifeFailing: { name: "TokensUnderQuarterLifeFailing", unit: "Count" },
  renewalsSucceeded: { name: "RenewalsSucceeded", unit: "Count" },
  /** Stores whose rotation never comes although its schedule is on: the sweep alone keeps them alive. */
  rotationsMissed: { name: "RotationsMissed", unit: "Count" },
  renewalsFailed: { name: "RenewalsFailed", unit: "Count" },
  /** Static tokens that Shopify answers with 401: nobody renews them but a person. */
  staticTokensDead: { name: "StaticTokensDead", unit: "Count" },
  /** Stores whose access token lacks a wanted scope. */
  scopeDrift: { name: "StoresWithMissingScopes", unit: "Count" },
  /** 1 at the end of each pass over the whole fleet. */
  sweepHeartbeat: { name: "SweepHeartbeat", unit: "Count" },
  /** How long Shopify's token endpoint took to answer. */
  tokenEndpointLatencyMs: { name: "TokenEndpointLatency", unit: "Milliseconds" },
  /** Refusals of the token endpoint; the code is a field of the same log line. */
  tokenEndpointRefusals: { name: "TokenEndpointRefusals", unit: "Count" },
  /** Requests of the install endpoint that were answered with a refusal; throttled ones do not reach it. */
  installRefusals: { name: "InstallRequestsRefused", unit: "Count" },
  /** Stores that came by themselves: merchants whom nobody declared installed an open app. */
  newStores: { name: "NewStores", unit: "Count" },
  /** Approvals of open apps that got no store, because the hour had brought as many as it may. */
  newStoresRefused: { name: "NewStoresRefused", unit: "Count" },
  /** Writes of Secrets Manager that count against the quota of 50 a second, which the whole account shares. */
  secretWrites: { name: "SecretWrites", unit: "Count" },
} as const satisfies Readonly<Record<string, { name: string; unit: MetricUnit }>>;

export type MetricUnit = "Count" | "Seconds" | "Milliseconds";

export type MetricKey = keyof typeof METRICS;

/** The metrics of one log line. */
export type MetricValues = Readonly<Partial<Record<MetricKey, number>>>;

/** The metric that counts the stores of a state. */
export const STATE_METRICS = {
  ok: "storesOk",
  awaiting_token: "storesAwaiting",
  awaiting_merchant: "storesAwaiting",
  failing: "storesFailing",
  dead: "storesDead",
  uninstalled: "storesUninstalled",
} as const satisfies Readonly<Record<string, MetricKey>>;

/** What a line of metrics says besides its metrics. */
export interface MetricSource {
  readonly prefix: string;
  readonly at: EpochMs;
  /** Log fields of the same line, such as `code`; they are no dimensions. */
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/**
 * One log line in CloudWatch's embedded metric format.
 *
 * Lambda's log group turns it into metrics without any call or permission
 * (CloudWatch user guide, "Specification: Embedded metric format").
 */
export function encodeMetrics(values: MetricValues, source: MetricSource): string {
  const given = (Object.keys(METRICS) as MetricKey[]).filter((key) => values[key] !== undefined);
  return JSON.stringify({
    ...source.fields,
    _aws: {
      Timestamp: source.at,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [[METRIC_DIMENSION]],
          Metrics: given.map((key) => ({ Name: METRICS[key].name, Unit: METRICS[key].unit })),
        },
      ],
    },
    [METRIC_DIMENSION]: source.prefix,
    ...Object.fromEntries(given.map((key) => [METRICS[key].name, values[key]])),
  });
}
