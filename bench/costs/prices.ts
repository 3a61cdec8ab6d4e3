/** A price and where it stands. */
export interface Price {
  readonly dollars: number;
  readonly per: string;
  readonly source: string;
}

/** us-east-1, without free tiers, as the price pages had them in November 2026. */
export const PRICES = {
  secretMonth: { dollars: 0.4, per: "secret and month", source: "AWS Secrets Manager pricing" },
  secretsCall: { dollars: 0.05 / 10_000, per: "call", source: "AWS Secrets Manager pricing" },
  keyMonth: { dollars: 1, per: "KMS key and month", source: "AWS KMS pricing" },
  kmsCall: { dollars: 0.03 / 10_000, per: "request", source: "AWS KMS pricing" },
  lambdaCall: { dollars: 0.2 / 1_000_000, per: "invocation", source: "AWS Lambda pricing" },
  lambdaGbSecond: { dollars: 0.0000133334, per: "GB-second (arm64)", source: "AWS Lambda pricing" },
  metricMonth: { dollars: 0.3, per: "metric and month", source: "Amazon CloudWatch pricing" },
  dynamoWrite: {
    dollars: 0.625 / 1_000_000,
    per: "write of 1 kB",
    source: "Amazon DynamoDB pricing (on demand)",
  },
  dynamoRead: {
    dollars: 0.125 / 1_000_000,
    per: "read of 4 kB",
    source: "Amazon DynamoDB pricing (on demand)",
  },
} as const satisfies Readonly<Record<string, Price>>;
