export const ACME = { kind: "client-credentials", shop: "acme.myshopify.com", app: "fulfilment" };
export const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };

export const VALID = {
  apps: { fulfilment: { clientId: "client-id" } },
  clientSecrets: { fulfilment: "shpss_secret" },
  stores: { acme: ACME, heritage: HERITAGE },
};

/** What is wrong, the change that makes it so, where it is reported, and in which words. */
export const MISTAKES: readonly [string, Readonly<Record<string, unknown>>, string, RegExp][] = [
  ["an unknown key", { colour: "red" }, "shopify-secrets:colour", /unknown key.*apps/],
  [
    "an unknown key of a store",
    { stores: { acme: { ...ACME, shopp: "x" } } },
    "shopify-secrets:stores.acme.shopp",
    /unknown key/,
  ],
  [
    "an unknown distribution",
    { apps: { fulfilment: { clientId: "id", distribution: "privat" } } },
    "shopify-secrets:apps.fulfilment.distribution",
    /one of own-organization, custom, public/,
  ],
  [
    "an unknown key of an app",
    { apps: { fulfilment: { clientId: "id", secret: "x" } } },
    "shopify-secrets:apps.fulfilment.secret",
    /unknown key/,
  ],
  ["stores that are a list", { stores: [] }, "shopify-secrets:stores", /must be a map/],
  [
    "a key in capitals",
    { stores: { Acme: ACME } },
    "shopify-secrets:stores.Acme",
    /lower-case letters/,
  ],
  [
    "no kind",
    { stores: { acme: { shop: ACME.shop } } },
    "shopify-secrets:stores.acme.kind",
    /is missing: one of client-credentials/,
  ],
  [
    "an odd kind",
    { stores: { acme: { ...ACME, kind: "oauth" } } },
    "shopify-secrets:stores.acme.kind",
    /must be one of/,
  ],
  [
    "a kind without its app",
    { stores: { acme: { kind: "client-credentials", shop: ACME.shop } } },
    "shopify-secrets:stores.acme.app",
    /client-credentials needs the key of an app/,
  ],
  [
    "an app that does not exist",
    { stores: { acme: { ...ACME, app: "ghost" } } },
    "shopify-secrets:stores.acme.app",
    /not declared under apps/,
  ],
  [
    "an app without a client secret",
    { clientSecrets: {} },
    "shopify-secrets:clientSecrets.fulfilment",
    /pulumi config set --secret --path 'shopify-secrets:clientSecrets.fulfilment'/,
  ],
  [
    "an app without a client ID",
    { apps: { fulfilment: {} } },
    "shopify-secrets:apps.fulfilment.clientId",
    /is missing/,
  ],
  [
    "a client secret as client ID",
    { apps: { fulfilment: { clientId: "shpss_1" } } },
    "shopify-secrets:apps.fulfilment.clientId",
    /holds a secret of Shopify's in plain text/,
  ],
  [
    "a client secret beside the client ID",
    { apps: { fulfilment: { clientId: "id", clientSecret: "shpss_1" } } },
    "shopify-secrets:apps.fulfilment.clientSecret",
    /plain text.*replace it at Shopify.*--path 'shopify-secrets:clientSecrets.fulfilment'/,
  ],
  [
    "a token in a store",
    { stores: { acme: { ...ACME, accessToken: "shpat_1" } } },
    "shopify-secrets:stores.acme.accessToken",
    /plain text.*--path 'shopify-secrets:accessTokens.acme'/,
  ],
  [
    "a client ID as client secret",
    { clientSecrets: { fulfilment: "client-id" } },
    "shopify-secrets:clientSecrets.fulfilment",
    /is the client ID/,
  ],
  [
    "a client secret without its app's key",
    { clientSecrets: "shpss_1" },
    "shopify-secrets:clientSecrets",
    /must be a map/,
  ],
  [
    "a store that is its domain",
    { stores: { acme: "acme.myshopify.com" } },
    "shopify-secrets:stores.acme",
    /map with at least kind and shop/,
  ],
  [
    "a key with an underscore",
    { stores: { acme_ca: ACME } },
    "shopify-secrets:stores.acme_ca",
    /inner hyphens.*write acme-ca$/,
  ],
  [
    "hours in quotes",
    { stores: { acme: { ...ACME, rotationHours: "8" } } },
    "shopify-secrets:stores.acme.rotationHours",
    /without quotes/,
  ],
  [
    "readers that are a session",
    { stores: { acme: { ...ACME, readers: ["arn:aws:sts::000000000000:assumed-role/a/b"] } } },
    "shopify-secrets:stores.acme.readers[0]",
    /session of a role/,
  ],
  [
    "a break-glass role with a wildcard",
    { breakGlass: ["arn:aws:iam::000000000000:role/admin*"] },
    "shopify-secrets:breakGlass[0]",
    /without wildcards/,
  ],
  [
    "a secret to adopt without its suffix",
    {
      stores: {
        acme: {
          ...ACME,
          adopt:
            "arn:aws:secretsmanager:eu-west-1:000000000000:secret:shopify/test/stores/acme/token",
        },
      },
    },
    "shopify-secrets:stores.acme.adopt",
    /six characters.*shopify-secrets restore/,
  ],
  [
    "another store's secret to adopt",
    {
      stores: {
        acme: {
          ...ACME,
          adopt:
            "arn:aws:secretsmanager:eu-west-1:000000000000:secret:shopify/test/stores/other/token-AbCdEf",
        },
      },
    },
    "shopify-secrets:stores.acme.adopt",
    /not the secret shopify\/test\/stores\/acme\/token/,
  ],
  [
    "a store that was always called so",
    { stores: { acme: { ...ACME, formerly: "acme" } } },
    "shopify-secrets:stores.acme.formerly",
    /own key/,
  ],
  [
    "a former key that is still a store",
    { stores: { acme: ACME, brand: { ...HERITAGE, formerly: "acme" } } },
    "shopify-secrets:stores.brand.formerly",
    /store acme, which is still declared/,
  ],
  [
    "alarms that are neither on nor off",
    { alarms: "yes" },
    "shopify-secrets:alarms",
    /true, false, or a map/,
  ],
  [
    "a tag that every secret has",
    { tags: { "shopify-store": "x" } },
    "shopify-secrets:tags.shopify-store",
    /not yours to set/,
  ],
  [
    "a tag that tells which app a secret is of",
    { tags: { "shopify-client-id": "x" } },
    "shopify-secrets:tags.shopify-client-id",
    /not yours to set/,
  ],
  [
    "a client secret of no app",
    { clientSecrets: { ...VALID.clientSecrets, ghost: "x" } },
    "shopify-secrets:clientSecrets.ghost",
    /belongs to no app/,
  ],
  [
    "a token as client secret",
    { clientSecrets: { fulfilment: "shpat_1" } },
    "shopify-secrets:clientSecrets.fulfilment",
    /holds an access token/,
  ],
  [
    "a token of no store",
    { accessTokens: { ghost: "shpat_1" } },
    "shopify-secrets:accessTokens.ghost",
    /belongs to no store/,
  ],
  [
    "a token for a kind that has none",
    { accessTokens: { acme: "shpat_1" } },
    "shopify-secrets:accessTokens.acme",
    /takes no token from config/,
  ],
  [
    "a client secret where a token belongs",
    { accessTokens: { heritage: "shpss_1" } },
    "shopify-secrets:accessTokens.heritage",
    /client secret \(shpss_\)/,
  ],
  [
    "a refresh token where an access token belongs",
    { accessTokens: { heritage: "shprt_1" } },
    "shopify-secrets:accessTokens.heritage",
    /refresh token/,
  ],
  [
    "a token with a line break",
    { accessTokens: { heritage: "shpat_1\nshpat_2" } },
    "shopify-secrets:accessTokens.heritage",
    /several lines/,
  ],
  [
    "a token that is a number",
    { accessTokens: { heritage: 123 } },
    "shopify-secrets:accessTokens.heritage",
    /must be text/,
  ],
  [
    "an odd scope",
    { stores: { acme: { ...ACME, scopes: ["Read Orders"] } } },
    "shopify-secrets:stores.acme.scopes[0]",
    /one of Shopify's scopes/,
  ],
  [
    "more scopes than a description holds",
    {
      stores: {
        acme: {
          ...ACME,
          scopes: Array.from({ length: 200 }, (_, index) => `read_something_${index}`),
        },
      },
    },
    "shopify-secrets:stores.acme.scopes",
    /description holds 2048/,
  ],
  [
    "an unstable API version",
    { stores: { acme: { ...ACME, apiVersion: "unstable" } } },
    "shopify-secrets:stores.acme.apiVersion",
    /2026-10/,
  ],
  [
    "an API version of tomorrow",
    { stores: { acme: { ...ACME, apiVersion: "2027-04" } } },
    "shopify-secrets:stores.acme.apiVersion",
    /does not serve yet: 2026-10 is the newest/,
  ],
  [
    "a fleet's API version of tomorrow",
    { apiVersion: "2027-07" },
    "shopify-secrets:apiVersion",
    /does not serve yet/,
  ],
  [
    "a reader with a wildcard",
    { stores: { acme: { ...ACME, readers: ["arn:aws:iam::000000000000:role/*"] } } },
    "shopify-secrets:stores.acme.readers[0]",
    /without wildcards/,
  ],
  [
    "a secret name outside the prefix",
    { stores: { acme: { ...ACME, secretName: "elsewhere/acme" } } },
    "shopify-secrets:stores.acme.secretName",
    /shopify\/test\/stores\/<key>\/token/,
  ],
  [
    "two stores with one secret name",
    {
      stores: {
        acme: ACME,
        brand: { ...HERITAGE, secretName: "shopify/test/stores/acme/token" },
      },
    },
    "shopify-secrets:stores.brand",
    /same secret name as store acme/,
  ],
  [
    "one app twice on one shop",
    { stores: { acme: ACME, again: ACME } },
    "shopify-secrets:stores.again",
    /same app on the same shop as store acme/,
  ],
  [
    "protect that is no truth value",
    { stores: { acme: { ...ACME, protect: "yes" } } },
    "shopify-secrets:stores.acme.protect",
    /true or false/,
  ],
  [
    "a secret to adopt that is no ARN",
    { stores: { acme: { ...ACME, adopt: "acme" } } },
    "shopify-secrets:stores.acme.adopt",
    /full ARN/,
  ],
  [
    "a recovery window of two days",
    { recoveryWindowDays: 2 },
    "shopify-secrets:recoveryWindowDays",
    /7 to 30/,
  ],
  [
    "an alias as former key",
    { formerRefreshKeyArns: ["alias/mine"] },
    "shopify-secrets:formerRefreshKeyArns[0]",
    /not an alias/,
  ],
  [
    "former keys that are none",
    { formerRefreshKeyArns: [] },
    "shopify-secrets:formerRefreshKeyArns",
    /at least one ARN/,
  ],
  ["an alias as key", { kmsKeyArn: "alias/mine" }, "shopify-secrets:kmsKeyArn", /not an alias/],
  ["a prefix in capitals", { prefix: "Shopify" }, "shopify-secrets:prefix", /lower-case/],
  [
    "an odd log retention",
    { logRetentionDays: 8 },
    "shopify-secrets:logRetentionDays",
    /one of CloudWatch's/,
  ],
  ["no store at a time", { storesAtOnce: 0 }, "shopify-secrets:storesAtOnce", /1 to 50/],
  ["half a store at a time", { storesAtOnce: 2.5 }, "shopify-secrets:storesAtOnce", /1 to 50/],
  ["all stores at a time", { storesAtOnce: 1_000 }, "shopify-secrets:storesAtOnce", /1 to 50/],
  [
    "a VPC that is both left and used",
    { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] }, leavingVpc: true },
    "shopify-secrets:leavingVpc",
    /take vpc out/,
  ],
  [
    "more subnets than a function takes",
    {
      vpc: {
        subnetIds: Array.from({ length: 17 }, (_, n) => `subnet-${n.toString(16)}`),
        securityGroupIds: ["sg-1"],
      },
    },
    "shopify-secrets:vpc.subnetIds",
    /at most 16/,
  ],
  [
    "more security groups than a function takes",
    {
      vpc: {
        subnetIds: ["subnet-1"],
        securityGroupIds: Array.from({ length: 6 }, (_, n) => `sg-${n}`),
      },
    },
    "shopify-secrets:vpc.securityGroupIds",
    /at most 5/,
  ],
  [
    "a VPC without subnets",
    { vpc: { securityGroupIds: ["sg-1"] } },
    "shopify-secrets:vpc.subnetIds",
    /at least one/,
  ],
  [
    "a tag of the functions",
    { tags: { "shopify-secrets:state": "ok" } },
    "shopify-secrets:tags.shopify-secrets:state",
    /not yours to set/,
  ],
  [
    "an address as install domain",
    { installDomain: "https://install.example.com/" },
    "shopify-secrets:installDomain",
    /host name/,
  ],
  [
    "an alarm topic by name",
    { alarms: { topicArn: "my-topic" } },
    "shopify-secrets:alarms.topicArn",
    /full ARN of an SNS topic/,
  ],
  ["a tag with a comma", { tags: { team: "a,b" } }, "shopify-secrets:tags.team", /letters, digits/],
  [
    "a tag with a line break",
    { tags: { note: "a\nb" } },
    "shopify-secrets:tags.note",
    /at most 256/,
  ],
  ["a tag with a tab", { tags: { note: "a\tb" } }, "shopify-secrets:tags.note", /at most 256/],
  [
    "a tag without a key",
    { tags: { "": "x" } },
    "shopify-secrets:tags.(a key that is not shown)",
    /1 to 128/,
  ],
  [
    "a tag of AWS's in capitals",
    { tags: { "AWS:x": "y" } },
    "shopify-secrets:tags.AWS:x",
    /not yours/,
  ],
  [
    "more tags than AWS takes",
    { tags: Object.fromEntries(Array.from({ length: 35 }, (_, index) => [`t${index}`, "x"])) },
    "shopify-secrets:tags",
    /are 35: AWS takes 50 on a resource, and 33 are left/,
  ],
  [
    "two tags that differ in capitals",
    { tags: { team: "a", Team: "b" } },
    "shopify-secrets:tags.Team",
    /IAM takes both for one/,
  ],
  [
    "an import under a name that is none",
    { imports: { "enrol-role": "shopify-prod-enrol" } },
    "shopify-secrets:imports.enrol-role",
    /is none of the imports that the command prints/,
  ],
  [
    "an import of nothing",
    { imports: { "EnrolFunction/enrol-role": "" } },
    "shopify-secrets:imports.EnrolFunction/enrol-role",
    /must not be empty|is none of the imports/,
  ],
  [
    "a number as a tag",
    { tags: { costCenter: 4711 } },
    "shopify-secrets:tags.costCenter",
    /--type string/,
  ],
  [
    "an empty scope",
    { stores: { acme: { ...ACME, scopes: [null] } } },
    "shopify-secrets:stores.acme.scopes[0]",
    /must not be empty/,
  ],
  [
    "a token under the key before a rename",
    {
      stores: { acme: ACME, brand: { ...HERITAGE, formerly: "heritage" } },
      accessTokens: { heritage: "shpat_1" },
    },
    "shopify-secrets:accessTokens.heritage",
    /called brand now: .*--path 'shopify-secrets:accessTokens.brand', then pulumi config rm/,
  ],
];
