/** Config of a small stack in which every function has work, and everybody is told. */
export const SMALL_STACK = {
  apps: { erp: { clientId: "erp-client" } },
  clientSecrets: { erp: "shpss_canary" },
  alarms: true,
  stores: {
    acme: { kind: "client-credentials", shop: "acme.myshopify.com", app: "erp" },
    hourly: { kind: "offline-expiring", shop: "hourly.myshopify.com", app: "erp" },
  },
} as const;
