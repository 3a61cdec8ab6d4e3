import fc from "fast-check";
import { DISTRIBUTIONS } from "../../../contract/distribution";
import { Sealed } from "../../../contract/sealed";
import type { Problem } from "../../../infra/config/node";
import { CONFIG_KEYS, parseFleet } from "../../../infra/config/parse-fleet";
import type { GivenSecret } from "../../../infra/config/parse-secrets";
import { BLANKS, PASTED } from "../../pasted";
import { reading } from "./at";
import { ACME, HERITAGE, MISTAKES, VALID } from "./mistakes";

function parse(changes: Readonly<Record<string, unknown>>) {
  return parseFleet({ ...VALID, ...changes }, reading("shopify/test"));
}

function parseAcme(changes: Readonly<Record<string, unknown>>) {
  return parse({ stores: { acme: { ...ACME, ...changes } } });
}

function problemsOf(changes: Readonly<Record<string, unknown>>): readonly Problem[] {
  return parse(changes).problems;
}

/** What is in a secret that was given as text. */
function unsealed(secret: GivenSecret | undefined): string | undefined {
  return secret instanceof Sealed ? secret.unseal() : undefined;
}

describe("a valid config", () => {
  test("becomes a fleet with defaults", () => {
    const { fleet, problems, warnings } = parse({});
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(fleet.settings).toEqual({
      prefix: "shopify/test",
      recoveryWindowDays: 30,
      kmsKeyArn: undefined,
      breakGlass: [],
      deployers: [],
      permissionsBoundary: undefined,
      installOnlyOwnDomain: undefined,
      installConcurrency: undefined,
      installAccessLog: undefined,
      formerRefreshKeyArns: [],
      vpc: undefined,
      leavingVpc: false,
      logRetentionDays: 90,
      storesAtOnce: undefined,
      installEndpoint: undefined,
      installDomain: undefined,
      alarms: undefined,
      tags: {},
      imports: {},
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
    expect(unsealed(fleet.apps[0]?.clientSecret)).toBe("shpss_secret");
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
    expect(unsealed(fleet.stores[1]?.accessToken)).toBe("shpat_static");
    expect(unsealed(fleet.apps[0]?.previousClientSecret)).toBe("shpss_before");
    expect(JSON.stringify(fleet)).not.toMatch(/shpat_static|shpss_/);
  });
});

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

describe("a slip of the hand", () => {
  test.each([
    ["a key of config", { store: {} }, "did you mean stores?"],
    ["a key of an app", { apps: { fulfilment: { client_id: "x" } } }, "did you mean clientId?"],
    [
      "a key of a store",
      { stores: { acme: { ...ACME, scope: "read_orders" } } },
      "did you mean scopes?",
    ],
    [
      "a kind",
      { stores: { acme: { ...ACME, kind: "client_credentials" } } },
      "did you mean client-credentials?",
    ],
    [
      "the key of an app",
      { stores: { acme: { ...ACME, app: "fulfillment" } } },
      "did you mean fulfilment?",
    ],
  ])("%s is told the word that is near", (_what, changes, says) => {
    expect(problemsOf(changes).map((problem) => problem.says)).toContainEqual(
      expect.stringContaining(says),
    );
  });

  test("another word altogether is told none", () => {
    expect(problemsOf({ colour: "red" })[0]?.says).toMatch(/^unknown key; known here: apps/);
  });
});

test("a config without a store is taken, with a warning of what it deletes", () => {
  const { problems, warnings } = parse({ stores: {} });
  expect({ problems, warnings }).toEqual({
    problems: [],
    warnings: [expect.stringMatching(/declares no store: pulumi up deletes/)],
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
    ["acme.myshopify.com.", "write acme.myshopify.com"],
    ["shpat_0123456789abcdef", "holds a secret of Shopify's in plain text"],
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
    { maxDepth: 3, withCrossShrink: true },
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

describe("how an app is distributed", () => {
  const read = (distribution: string | undefined, store: Readonly<Record<string, unknown>>) => {
    const app = { clientId: "client-id", ...(distribution === undefined ? {} : { distribution }) };
    return parseFleet(
      { ...VALID, apps: { fulfilment: app }, stores: { acme: { ...ACME, ...store } } },
      reading("shopify/test"),
    );
  };

  test.each(DISTRIBUTIONS)("%s stands in the declaration of its stores", (distribution) => {
    const { fleet, problems } = read(distribution, { kind: "offline-expiring" });
    expect(problems).toEqual([]);
    expect(fleet.stores[0]?.declaration.distribution).toBe(distribution);
  });

  test("unsaid leaves the declaration as it was, and is asked for where merchants approve", () => {
    expect(read(undefined, {}).warnings).toEqual([]);
    const { fleet, warnings } = read(undefined, { kind: "offline-expiring" });
    expect(fleet.stores[0]?.declaration).not.toHaveProperty("distribution");
    expect(warnings).toEqual([
      expect.stringContaining(
        "Next: pulumi config set --path 'shopify-secrets:apps.fulfilment.distribution' custom, or own-organization, or public",
      ),
    ]);
  });

  test.each([
    ["custom", "client-credentials", /own organization only.*use kind offline-expiring/],
    ["public", "client-credentials", /own organization only/],
    ["public", "custom-app", /invalidates .* on 2027-01-01: use kind offline-expiring/],
  ])("%s is no distribution for kind %s", (distribution, kind, says) => {
    expect(read(distribution, { kind }).warnings).toEqual([expect.stringMatching(says)]);
  });

  test.each([
    ["own-organization", "client-credentials"],
    ["own-organization", "offline-expiring"],
    ["custom", "offline"],
    ["custom", "offline-expiring"],
    ["public", "offline-expiring"],
  ])("%s and kind %s go together", (distribution, kind) => {
    expect(read(distribution, { kind }).warnings).toEqual([]);
  });
});

describe("tokens without an end before the first of January 2027", () => {
  const read = (app: Readonly<Record<string, unknown>>, now: string) =>
    parseFleet(
      {
        ...VALID,
        apps: { fulfilment: { clientId: "client-id", ...app } },
        stores: {
          acme: { kind: "offline", app: "fulfilment", shop: "acme.myshopify.com" },
          globex: { kind: "offline", app: "fulfilment", shop: "globex.myshopify.com" },
        },
        accessTokens: { acme: "shpat_0123456789abcdef" },
      },
      reading("shopify/test", now),
    );
  const ends = (warnings: readonly string[]) =>
    warnings.filter((warning) => warning.includes("invalidates"));

  test.each([
    ["public", "2026-01-01T00:00:00Z", /in 365 days.*: acme, globex\. Next/],
    ["public", "2026-12-25T00:00:00Z", /in 7 days.*: acme, globex\. Next/],
    ["public", "2027-01-02T00:00:00Z", /since 2027-01-01.*: acme, globex\. Next/],
    [
      undefined,
      "2026-10-03T00:00:00Z",
      /if their app is public on 2027-01-01, in 90 days.*distribution' custom$/,
    ],
  ])("are named in one line for app %s at %s", (distribution, now, says) => {
    const { warnings } = read(distribution === undefined ? {} : { distribution }, now);
    expect(ends(warnings)).toEqual([expect.stringMatching(says)]);
  });

  test.each([
    [{ distribution: "custom" }, "2026-12-31T00:00:00Z"],
    [{ distribution: "own-organization" }, "2026-12-31T00:00:00Z"],
    [{}, "2026-10-02T00:00:00Z"],
    [{ distribution: "public", offlineTokens: "expiring" }, "2026-12-31T00:00:00Z"],
    [
      { distribution: "public", credential: "signing-key", offlineTokens: "signed" },
      "2026-12-31T00:00:00Z",
    ],
  ])("are not named for app %j at %s", (app, now) => {
    expect(ends(read(app, now).warnings)).toEqual([]);
  });

  test("of a public app may move to its own key first, with exactly what to write; or be migrated", () => {
    const { warnings } = read({ distribution: "public" }, "2026-12-25T00:00:00Z");
    const [, next] = (ends(warnings)[0] ?? "").split(". Next: ");
    expect(next).toBe(
      "without them, by the app's own key (experimental, with a way back: docs/signing.md): " +
        "pulumi config set --path 'shopify-secrets:apps.fulfilment.credential' signing-key, then " +
        "pulumi config set --path 'shopify-secrets:apps.fulfilment.offlineTokens' signed, then " +
        "pulumi up --continue-on-error, then shopify-secrets public-key fulfilment, and paste what it prints in the app's settings; " +
        "or for pairs: pulumi config set --path 'shopify-secrets:apps.fulfilment.offlineTokens' expiring, then " +
        "pulumi up --continue-on-error, then shopify-secrets migrate --app fulfilment",
    );
  });

  test("count as the app's own once it says that it signs for all its stores, pairs too", () => {
    const app = { distribution: "public", credential: "signing-key", offlineTokens: "signed" };
    const { fleet, problems, warnings } = read(app, "2026-12-01T00:00:00Z");
    expect(problems).toEqual([]);
    expect(fleet.stores.map(({ declaration }) => declaration)).toEqual(
      fleet.stores.map(() =>
        expect.objectContaining({
          kind: "client-credentials",
          credential: "signing-key",
          distribution: "public",
        }),
      ),
    );
    expect(warnings).toEqual([
      expect.stringMatching(/acme is not used: the app's tokens are got with its key/),
    ]);
  });

  test.each([
    [{ distribution: "public" }, /does not sign: set .*fulfilment\.credential to signing-key/],
    [
      { distribution: "own-organization", credential: "signing-key" },
      /to public apps alone: remove this, or correct .*distribution/,
    ],
  ])("cannot be signed for by %j", (app, says) => {
    const { problems } = read({ ...app, offlineTokens: "signed" }, "2026-12-01T00:00:00Z");
    expect(problems).toEqual([
      {
        path: "shopify-secrets:apps.fulfilment.offlineTokens",
        says: expect.stringMatching(says),
      },
    ]);
  });

  test("are permitted to be migrated for all stores of an app at once", () => {
    const before = read({}, "2026-09-01T00:00:00Z").fleet.stores;
    expect(before.map(({ declaration }) => declaration.kind)).toEqual(["offline", "offline"]);
    const { fleet, problems, warnings } = read(
      { distribution: "public", offlineTokens: "expiring" },
      "2026-12-01T00:00:00Z",
    );
    expect(problems).toEqual([]);
    expect(fleet.stores).toMatchObject([
      { key: "acme", accessToken: undefined, declaration: { kind: "offline-expiring" } },
      { key: "globex", declaration: { kind: "offline-expiring" } },
    ]);
    // The token of before is dead after the migration, and is no reason to stop before it.
    expect(warnings).toEqual([
      expect.stringContaining("pulumi config rm --path 'shopify-secrets:accessTokens.acme'"),
    ]);
  });

  test("are not: an app that says something else of them", () => {
    const { problems } = read({ offlineTokens: "expirng" }, "2026-12-01T00:00:00Z");
    expect(problems).toEqual([
      {
        path: "shopify-secrets:apps.fulfilment.offlineTokens",
        says: "must be one of as-declared, expiring, signed (did you mean expiring?)",
      },
    ]);
  });
});

describe("the version of the Admin API", () => {
  const read = (changes: Readonly<Record<string, unknown>>, now?: string) =>
    parseFleet({ ...VALID, ...changes }, reading("shopify/test", now));

  test.each([
    ["2026-12-31T23:59:00Z", "2026-10"],
    ["2027-01-01T00:00:00Z", "2027-01"],
    ["2027-09-30T00:00:00Z", "2027-07"],
  ])("moves with the quarters where config says newest: at %s to %s", (now, version) => {
    const { fleet, problems, warnings } = read({ apiVersion: "newest" }, now);
    expect(problems).toEqual([]);
    expect(fleet.stores.map(({ declaration }) => declaration.apiVersion)).toEqual(
      fleet.stores.map(() => version),
    );
    expect(warnings.filter((warning) => warning.includes("apiVersion"))).toEqual([]);
  });

  test("is the fleet's, unless a store names its own", () => {
    const stores = { acme: ACME, heritage: { ...HERITAGE, apiVersion: "2026-07" } };
    const { fleet, warnings } = read({ apiVersion: "2026-04", stores });
    expect(fleet.stores.map(({ declaration }) => declaration.apiVersion)).toEqual([
      "2026-04",
      "2026-07",
    ]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["2026-01", "2026-11-28T12:00:00Z", /serves 2026-01 until 2027-01-01.*2026-10, then pulumi up/],
    ["2026-01", "2027-01-01T00:00:00Z", /was retired on 2027-01-01.*2027-01, then pulumi up/],
    ["2027-01", "2026-11-28T12:00:00Z", /release candidate.*2026-10, then pulumi up/],
  ])("%s at %s is warned of once, with the line to set", (apiVersion, now, says) => {
    const { problems, warnings } = read({ apiVersion }, now);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(says)]);
    expect(warnings[0]).toContain("pulumi config set --path 'shopify-secrets:apiVersion' 20");
  });

  test("that nobody chose ages too", () => {
    expect(read({}).warnings).toEqual([]);
    expect(read({}, "2027-07-01T00:00:00Z").warnings).toEqual([
      expect.stringMatching(/serves 2026-10 until 2027-10-01/),
    ]);
  });
});

describe("whatever stands in config", () => {
  test("never crashes the parser, and no value is ever shown", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...CONFIG_KEYS), fc.string()), anything),
        (config) => {
          const { problems, warnings } = parseFleet(config, reading("shopify/test"));
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

describe("a secret as it was pasted", () => {
  const TOKEN = "shpat_0123456789abcdef";
  const SECRET = "shpss_0123456789abcdef";
  const places = [
    [
      "clientSecrets.fulfilment",
      SECRET,
      (text: string) => ({ clientSecrets: { fulfilment: text } }),
    ],
    [
      "previousClientSecrets.fulfilment",
      SECRET,
      (text: string) => ({ previousClientSecrets: { fulfilment: text } }),
    ],
    ["accessTokens.heritage", TOKEN, (text: string) => ({ accessTokens: { heritage: text } })],
  ] as const;

  describe.each(places)("in %s", (path, secret, changesOf) => {
    test.each(PASTED)("with %s is named for what it is", (_what, wrap, says) => {
      const problems = problemsOf(changesOf(wrap(secret)));
      expect(problems).toEqual([
        { path: `shopify-secrets:${path}`, says: expect.stringMatching(says) },
      ]);
      expect(JSON.stringify(problems)).not.toContain("0123456789");
    });

    test.each(BLANKS)("with %s around it is taken without", (_what, wrap) => {
      const { fleet, problems } = parse(changesOf(wrap(secret)));
      expect(problems).toEqual([]);
      const [app] = fleet.apps;
      const taken = [
        app?.clientSecret,
        app?.previousClientSecret,
        fleet.stores.find(({ key }) => key === "heritage")?.accessToken,
      ].map(unsealed);
      expect(taken).toContain(secret);
    });
  });
});

describe("blanks around plain settings", () => {
  test.each([
    [{ apps: { fulfilment: { clientId: " client-id\n" } } }],
    [{ stores: { acme: { ...ACME, scopes: ["read_orders "] }, heritage: HERITAGE } }],
    [{ stores: { acme: { ...ACME, readers: ["arn:aws:iam::000000000000:role/a "] } } }],
    [{ kmsKeyArn: " arn:aws:kms:eu-west-1:000000000000:key/0123abcd-0123-0123-0123-0123456789ab" }],
    [{ stores: { acme: { ...ACME, kind: "client-credentials\r\n" } } }],
  ])("are not part of them: %j", (changes) => {
    const { fleet, problems } = parse(changes);
    expect(problems).toEqual([]);
    expect(JSON.stringify(fleet)).not.toMatch(/ "|" |\\n/);
  });
});

test.each([
  ["read_order", "read_orders"],
  ["write_prodcts", "write_products"],
  ["read_gift_card", "read_gift_cards"],
])("a scope that is a slip away from a known one is a warning: %s", (scope, meant) => {
  const { warnings, problems } = parseAcme({ scopes: [scope] });
  expect(problems).toEqual([]);
  expect(warnings).toEqual([
    `shopify-secrets:stores.acme.scopes: ${scope} is no scope that we know; did you mean ${meant}?`,
  ]);
});

test.each(["read_orders", "write_something_new", "read_cash_tracking"])(
  "a scope that is known, or new, is none: %s",
  (scope) => {
    expect(parseAcme({ scopes: [scope] }).warnings).toEqual([]);
  },
);
