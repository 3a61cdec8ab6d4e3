import { DEV_APPS, DEV_STORES } from "../../local/world/dev-fixtures";
import type { Declared } from "../e2e/infra/declared-stack";

/** What a recorded stack declares: config in plain text, every value of it made up. */
export interface RecordedConfig {
  readonly config: Declared;
  /** The text of `storesFile`, where config names one. */
  readonly storesFile?: string;
}

const { fulfilment, catalog } = DEV_APPS;
const { acme, heritage, partner } = DEV_STORES;
const ROLE = "arn:aws:iam::000000000000:role";

/** The file that config names as `storesFile`. */
export const STORES_FILE = "more-stores.yaml";

const APPS = {
  apps: {
    fulfilment: { clientId: fulfilment.clientId },
    catalog: { clientId: catalog.clientId },
  },
  clientSecrets: { fulfilment: fulfilment.clientSecret, catalog: catalog.clientSecret },
};

/** A store of every kind and in every phase, with what the stack makes for itself: its keys, topic and endpoint. */
export const EVERY_KIND: RecordedConfig = {
  config: {
    ...APPS,
    previousClientSecrets: { fulfilment: "shpss_recorded-previous-client-secret" },
    accessTokens: { heritage: heritage.accessToken, partner: partner.accessToken },
    alarms: true,
    storesFile: STORES_FILE,
    stores: {
      acme: { kind: "client-credentials", shop: acme.shop, app: "fulfilment", scopes: acme.scopes },
      heritage: { kind: "custom-app", shop: heritage.shop, scopes: heritage.scopes },
      stark: { kind: "custom-app", shop: "stark.myshopify.com" },
      partner: { kind: "offline", shop: partner.shop, app: "catalog", scopes: partner.scopes },
      gallery: { kind: "offline", shop: "gallery.myshopify.com", app: "catalog" },
      umbra: {
        kind: "offline",
        shop: "umbra.myshopify.com",
        app: "catalog",
        formerly: "umbrella",
      },
    },
  },
  storesFile: `hooli:
  kind: offline-expiring
  shop: hooli.myshopify.com
  app: catalog
  scopes: [read_products]
boutique:
  kind: offline-expiring
  shop: boutique.myshopify.com
  app: catalog
  scopes: [read_products, write_orders]
`,
};

/** The same stores under the keys that they had before. */
export function beforeRename({ config, ...rest }: RecordedConfig): RecordedConfig {
  const stores = Object.entries(config["stores"] as Record<string, { formerly?: string }>).map(
    ([key, { formerly, ...store }]) => [formerly ?? key, store],
  );
  return { ...rest, config: { ...config, stores: Object.fromEntries(stores) } };
}

/** Every other option, with what the operator made: keys, a topic, a host name, a network, readers, a secret. */
export function everyOption(own: OwnResources): RecordedConfig {
  return {
    config: {
      ...APPS,
      prefix: "shops/recorded-own",
      rotationHours: 6,
      recoveryWindowDays: 7,
      kmsKeyArn: own.kmsKeyArn,
      formerRefreshKeyArns: [own.formerKeyArn],
      breakGlass: [`${ROLE}/break-glass`],
      vpc: { subnetIds: ["subnet-0123abcd"], securityGroupIds: ["sg-0123abcd"] },
      logRetentionDays: 30,
      storesAtOnce: 4,
      tags: { team: "shops" },
      installEndpoint: true,
      installDomain: "install.example.com",
      alarms: { topicArn: "arn:aws:sns:us-east-1:000000000000:on-call" },
      stores: {
        acme: {
          kind: "client-credentials",
          shop: acme.shop,
          app: "fulfilment",
          scopes: "read_orders, write_products",
          rotationHours: 12,
          apiVersion: "2026-07",
          readers: [`${ROLE}/reader`],
          protect: true,
        },
        wayne: {
          kind: "client-credentials",
          shop: partner.shop,
          app: "catalog",
          secretName: "shops/recorded-own/stores/wayne-enterprises/token",
        },
        stark: { kind: "offline-expiring", shop: "stark.myshopify.com", app: "catalog" },
        heritage: { kind: "custom-app", shop: heritage.shop, adopt: own.adoptedArn },
      },
    },
  };
}

/** What an operator made before the first `up`. */
export interface OwnResources {
  readonly kmsKeyArn: string;
  readonly formerKeyArn: string;
  /** The ARN of an existing secret, which the stack takes over. */
  readonly adoptedArn: string;
}
