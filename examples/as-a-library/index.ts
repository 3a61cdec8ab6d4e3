import type { Region } from "@pulumi/aws";
import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import {
  declareFleet,
  provisionFleet,
  readStackConfig,
  STATUS_TAG_PREFIX,
  warnOfDeletedSecrets,
} from "shopify-secrets";

const config = new pulumi.Config();

// The functions write the stores' status into tags under this prefix.
const provider = new Provider("shops", {
  region: new pulumi.Config("aws").require<Region>("region"),
  ignoreTags: { keyPrefixes: [STATUS_TAG_PREFIX] },
});

const spec = declareFleet(
  {
    // The secrets, and whatever else the messages have you set: pulumi config set --secret --path 'shopify-secrets:…'
    ...readStackConfig(),
    apps: { fulfilment: { clientId: config.require("clientId") } },
    stores: {
      acme: {
        kind: "client-credentials",
        shop: "acme.myshopify.com",
        app: "fulfilment",
        scopes: ["read_orders"],
      },
      heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
    },
  },
  `shops/${pulumi.getStack()}`,
);

const fleet = provisionFleet(spec, { opts: { provider } });

// A store that comes back while its deleted secret holds the name is told, with the command that restores it.
warnOfDeletedSecrets(spec, fleet.place);

/** For those who read: per store the secret's ARN and name, its kind, and a policy; nothing secret. */
export const stores = fleet.stores;

/** Attach it to whatever reads acme's token. */
export const acmeReaderPolicy = fleet.stores["acme"]?.apply(({ readerPolicy }) => readerPolicy);
