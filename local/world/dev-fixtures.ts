/**
 * The throw-away values of the stack `dev`: what Pulumi.dev.yaml declares, so that the imitation of
 * Shopify knows the same apps, stores and tokens. None of them exists at Shopify.
 */

/** An app that the imitation has to know. */
export interface DevApp {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A store of the stack, with what the imitation grants it. */
export interface DevStore {
  readonly kind: "client-credentials" | "custom-app" | "offline";
  readonly shop: string;
  /** The key of its app in {@link DEV_APPS}; undefined: its app is not declared. */
  readonly app: keyof typeof DEV_APPS | undefined;
  readonly scopes: readonly string[];
  /** The static token in config; undefined where tokens are minted. */
  readonly accessToken: string | undefined;
}

/** The passphrase of the stack's config secrets. */
export const DEV_PASSPHRASE = "local-world";

export const DEV_APPS = {
  fulfilment: {
    clientId: "local-world-fulfilment-client-id",
    clientSecret: "shpss_local-world-fulfilment-client-secret",
  },
  catalog: {
    clientId: "local-world-catalog-client-id",
    clientSecret: "shpss_local-world-catalog-client-secret",
  },
} as const satisfies Readonly<Record<string, DevApp>>;

export const DEV_STORES = {
  acme: {
    kind: "client-credentials",
    shop: "acme.myshopify.com",
    app: "fulfilment",
    scopes: ["read_orders", "write_products"],
    accessToken: undefined,
  },
  heritage: {
    kind: "custom-app",
    shop: "heritage.myshopify.com",
    app: undefined,
    scopes: ["read_orders"],
    accessToken: "shpat_local-world-heritage-access-token",
  },
  partner: {
    kind: "offline",
    shop: "partner.myshopify.com",
    app: "catalog",
    scopes: ["read_products"],
    accessToken: "shpat_local-world-partner-access-token",
  },
} as const satisfies Readonly<Record<string, DevStore>>;
