export const READER = "arn:aws:iam::000000000000:role/orders";

/** Config with every kind, a VPC, alarms, and readers of this and of another account: all policies that there are. */
export const EVERY_POLICY = {
  workQueue: true,
  apps: { erp: { clientId: "erp-client" } },
  clientSecrets: { erp: "shpss_canary" },
  alarms: true,
  vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
  stores: {
    acme: {
      kind: "client-credentials",
      shop: "acme.myshopify.com",
      app: "erp",
      readers: [READER, "arn:aws:iam::111111111111:role/orders"],
    },
    heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
    partner: { kind: "offline", shop: "partner.myshopify.com", app: "erp" },
    hourly: { kind: "offline-expiring", shop: "hourly.myshopify.com", app: "erp" },
  },
};
