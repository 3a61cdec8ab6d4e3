import fc from "fast-check";
import type { Problem } from "../../../infra/config/node";
import { CONFIG_KEYS, parseFleet } from "../../../infra/config/parse-fleet";

const ACME = { kind: "client-credentials", shop: "acme.myshopify.com", app: "fulfilment" };
const HERITAGE = { kind: "custom-app", shop: "heritage.myshopify.com" };

const VALID = {
  apps: { fulfilment: { clientId: "client-id" } },
  clientSecrets: { fulfilment: "shpss_secret" },
  stores: { acme: ACME, heritage: HERITAGE },
};

function parse(changes: Readonly<Record<string, unknown>>) {
  return parseFleet({ ...VALID, ...changes }, "shopify/test");
}

function parseAcme(changes: Readonly<Record<string, unknown>>) {
  return parse({ stores: { acme: { ...ACME, ...changes } } });
}

function problemsOf(changes: Readonly<Record<string, unknown>>): readonly Problem[] {
  return parse(changes).problems;
}

describe("a valid config", () => {
  test("becomes a fleet with defaults", () => {
    const { fleet, problems, warnings } = parse({});
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(fleet.settings).toEqual({
      prefix: "shopify/test",
      recoveryWindowDays: 30,
      kmsKeyArn: undefined,
      vpc: undefined,
      logRetentionDays: 90,
      tags: {},
    });
    expect(fleet.stores).toEqual([
      {
        key: "acme",
        declaration: {
          kind: "client-credentials",
          shop: "acme.myshopify.com",
          app: "fulfilment",
          scopes: [],
          apiVersion: "2026-10",
        },
        secretName: "shopify/test/stores/acme/token",
        rotationHours: 8,
        accessToken: undefined,
        readers: [],
        protect: false,
        formerly: undefined,
        adopt: undefined,
      },
      expect.objectContaining({ key: "heritage", rotationHours: undefined }),
    ]);
    expect(fleet.apps[0]?.clientSecret.unseal()).toBe("shpss_secret");
  });

  test("takes scopes as a list or as Shopify writes them", () => {
    const asList = parseAcme({ scopes: ["write_products", "read_orders"] }).fleet.stores[0];
    const asText = parseAcme({ scopes: "write_products, read_orders" }).fleet.stores[0];
    expect(asList?.declaration.scopes).toEqual(["read_orders", "write_products"]);
    expect(asText?.declaration.scopes).toEqual(asList?.declaration.scopes);
  });

  test("a renamed store keeps the name of its secret", () => {
    const { fleet, problems } = parse({ stores: { brand: { ...ACME, formerly: "acme" } } });
    expect(problems).toEqual([]);
    expect(fleet.stores[0]?.secretName).toBe("shopify/test/stores/acme/token");
  });

  test("a static token and the client secret before travel sealed", () => {
    const { fleet } = parse({
      accessTokens: { heritage: "shpat_static" },
      previousClientSecrets: { fulfilment: "shpss_before" },
    });
    expect(fleet.stores[1]?.accessToken?.unseal()).toBe("shpat_static");
    expect(fleet.apps[0]?.previousClientSecret?.unseal()).toBe("shpss_before");
    expect(JSON.stringify(fleet)).not.toMatch(/shpat_static|shpss_/);
  });
});

const MISTAKES: readonly [string, Readonly<Record<string, unknown>>, string, RegExp][] = [
  ["an unknown key", { colour: "red" }, "shopify-secrets:colour", /unknown key.*apps/],
  [
    "an unknown key of a store",
    { stores: { acme: { ...ACME, shopp: "x" } } },
    "shopify-secrets:stores.acme.shopp",
    /unknown key/,
  ],
  [
    "an unknown key of an app",
    { apps: { fulfilment: { clientId: "id", clientSecret: "x" } } },
    "shopify-secrets:apps.fulfilment.clientSecret",
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
    /holds a secret/,
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
    /holds a token/,
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
    { accessTokens: { heritage: "shpat_1\n" } },
    "shopify-secrets:accessTokens.heritage",
    /white space/,
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
    "shopify-secrets:stores.acme.scopes",
    /list of Shopify's scopes/,
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
    "a reader with a wildcard",
    { stores: { acme: { ...ACME, readers: ["arn:aws:iam::000000000000:role/*"] } } },
    "shopify-secrets:stores.acme.readers",
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
  ["an alias as key", { kmsKeyArn: "alias/mine" }, "shopify-secrets:kmsKeyArn", /not an alias/],
  ["a prefix in capitals", { prefix: "Shopify" }, "shopify-secrets:prefix", /lower-case/],
  [
    "an odd log retention",
    { logRetentionDays: 8 },
    "shopify-secrets:logRetentionDays",
    /one of CloudWatch's/,
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
  ["a tag with a comma", { tags: { team: "a,b" } }, "shopify-secrets:tags.team", /letters, digits/],
];

describe("mistakes", () => {
  test.each(MISTAKES.map(([what, ...rest]) => [what, rest] as const))("%s", (_what, rest) => {
    const [changes, path, says] = rest;
    expect(problemsOf(changes)).toEqual(
      expect.arrayContaining([{ path, says: expect.stringMatching(says) }]),
    );
  });

  test("are reported together, each once", () => {
    const problems = problemsOf({
      colour: "red",
      rotationHours: 24,
      stores: { acme: { ...ACME, shop: "acme" }, again: { ...ACME, kind: "x" } },
    });
    expect(problems.map(({ path }) => path)).toEqual([
      "shopify-secrets:colour",
      "shopify-secrets:stores.acme.shop",
      "shopify-secrets:rotationHours",
      "shopify-secrets:stores.again.kind",
    ]);
  });
});

describe("a shop", () => {
  test.each([
    ["https://acme.myshopify.com", "write acme.myshopify.com"],
    ["https://acme.myshopify.com/admin/products?x=1", "write acme.myshopify.com"],
    ["https://admin.shopify.com/store/acme/settings", "write acme.myshopify.com"],
    ["admin.shopify.com/store/acme", "write acme.myshopify.com"],
    ["acme", "write acme.myshopify.com"],
    [" ACME.myshopify.com ", "write acme.myshopify.com"],
    ["shop.acme.com", "not a custom domain"],
    ["acme.myshopify.com.evil.example", "not a custom domain"],
    ["shpat_0123456789abcdef", "not a custom domain"],
    ["0123456789abcdef0123456789abcdef", "not a custom domain"],
  ])("%s is refused: %s", (shop, says) => {
    const [problem] = parseAcme({ shop }).problems;
    expect(problem?.path).toBe("shopify-secrets:stores.acme.shop");
    expect(problem?.says).toContain(says);
  });
});

describe("the proof of a schedule", () => {
  test.each([4, 6, 8])("%i hours pass without a word", (rotationHours) => {
    const { fleet, problems, warnings } = parseAcme({ rotationHours });
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(fleet.stores[0]?.rotationHours).toBe(rotationHours);
  });

  test("12 hours pass with the arithmetic of a missed window", () => {
    const { fleet, problems, warnings } = parseAcme({ rotationHours: 12 });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringMatching(/stores\.acme: .*25 h when one window is missed/),
    ]);
    expect(fleet.stores[0]?.rotationHours).toBe(12);
  });

  test.each([24, 48, 36])("%i hours are refused with the gap and the remedy", (rotationHours) => {
    const [problem] = parseAcme({ rotationHours }).problems;
    expect(problem?.says).toMatch(/lives 24 h: dead for up to .* h\. Use 4, 6 or 8\./);
  });

  test.each([1, 3, 5, 7, 0, -8])(
    "%i hours are refused: uneven, or under the floor",
    (rotationHours) => {
      expect(parseAcme({ rotationHours }).problems[0]?.says).toMatch(/4, 6, 8 or 12/);
    },
  );

  test("a kind that nobody rotates has no hours", () => {
    const { problems } = parse({ stores: { heritage: { ...HERITAGE, rotationHours: 8 } } });
    expect(problems).toEqual([
      {
        path: "shopify-secrets:stores.heritage.rotationHours",
        says: expect.stringMatching(/no schedule/),
      },
    ]);
  });
});

const CANARY = "shpat_canary0123456789abcdef";

/** Values as people paste them: with the canary somewhere, as text, as a key, in a list. */
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constant(CANARY),
    fc.constant(`https://${CANARY}.myshopify.com/${CANARY}`),
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.oneof(
        fc.string(),
        fc.constantFrom(CANARY, "acme", "fulfilment", "__proto__", "constructor"),
        fc.constantFrom("kind", "shop", "app", "scopes", "rotationHours", "clientId", "formerly"),
      ),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

describe("whatever stands in config", () => {
  test("never crashes the parser, and no value is ever shown", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...CONFIG_KEYS), fc.string()), anything),
        (config) => {
          const { problems, warnings } = parseFleet(config, "shopify/test");
          expect(JSON.stringify([problems, warnings])).not.toContain("canary");
        },
      ),
      { numRuns: 500 },
    );
  });

  test("a store under any odd value is refused or provisioned, never half of both", () => {
    const field = fc.constantFrom("kind", "shop", "app", "scopes", "rotationHours", "readers");
    fc.assert(
      fc.property(field, anything, (name, value) => {
        const { fleet, problems } = parseAcme({ [name]: value });
        if (problems.length === 0) expect(fleet.stores).toHaveLength(1);
        expect(JSON.stringify(problems)).not.toContain("canary");
      }),
      { numRuns: 300 },
    );
  });
});
