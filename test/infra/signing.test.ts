import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import type { Statement } from "../../infra/policies/statement";
import { reading } from "./config/at";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const KEY = "aws:kms/key:Key";
const MADE_ARN = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";
const OWN_ARN = "arn:aws:kms:us-east-1:000000000000:key/99999999-2222-3333-4444-555555555555";
const STORE = { kind: "client-credentials", shop: "acme.myshopify.com", app: "reach" };
const REACH = { clientId: "client-id", distribution: "public", credential: "signing-key" };

const CONFIG = { apps: { reach: REACH }, stores: { acme: STORE } };

const app = (changes: Readonly<Record<string, unknown>>) => ({
  ...CONFIG,
  apps: { reach: { ...REACH, ...changes } },
});

const parsed = (config: Readonly<Record<string, unknown>>) =>
  parseFleet(config, reading("shopify/test"));

const bundles = stubBundles();

afterAll(() => bundles.remove());

async function provision(config: Readonly<Record<string, unknown>>): Promise<Recorded[]> {
  const { fleet, problems } = parsed(config);
  expect(problems).toEqual([]);
  return recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
}

const statementsOf = (resource: Recorded | undefined): Statement[] =>
  (policyIn(resource as Recorded, "policy") as { Statement: Statement[] }).Statement;

describe("config of an app that signs", () => {
  test("takes no client secret, one key by default, and no warning for a public app's client credentials", () => {
    const { fleet, problems, warnings } = parsed(CONFIG);
    expect([problems, warnings]).toEqual([[], []]);
    expect(fleet.apps[0]).toMatchObject({
      credential: "signing-key",
      signingKeys: ["first"],
      clientSecret: undefined,
    });
    expect(fleet.stores[0]?.declaration).toMatchObject({
      credential: "signing-key",
      distribution: "public",
    });
    expect(fleet.stores[0]?.rotationHours).toBeUndefined();
  });

  test("of the own organization keeps Secrets Manager's schedule", () => {
    const { fleet } = parsed(app({ distribution: "own-organization" }));
    expect(fleet.stores[0]?.rotationHours).toBe(8);
  });

  test("`client-secret` is what there was before, to the last character", () => {
    const before = { apps: { reach: { clientId: "id" } }, clientSecrets: { reach: "shpss_1" } };
    const said = { ...before, apps: { reach: { clientId: "id", credential: "client-secret" } } };
    const stores = { acme: STORE };
    const fleetOf = (config: object) => JSON.stringify(parsed({ ...config, stores }).fleet.stores);
    expect(fleetOf(said)).toBe(fleetOf(before));
  });

  test.each<[string, Readonly<Record<string, unknown>>, readonly [string, RegExp]]>([
    [
      "an unknown credential",
      app({ credential: "key" }),
      ["apps.reach.credential", /one of client-secret, signing-key/],
    ],
    [
      "no distribution",
      { ...CONFIG, apps: { reach: { clientId: "id", credential: "signing-key" } } },
      ["apps.reach.distribution", /is missing: it decides how long/],
    ],
    [
      "keys of an app that does not sign",
      {
        apps: { reach: { clientId: "id", signingKeys: ["a"] } },
        clientSecrets: { reach: "shpss_1" },
        stores: {},
      },
      ["apps.reach.signingKeys", /belongs to an app that signs/],
    ],
    [
      "three keys",
      app({ signingKeys: ["a", "b", "c"] }),
      ["apps.reach.signingKeys", /more than two/],
    ],
    ["no key", app({ signingKeys: [] }), ["apps.reach.signingKeys", /must name a key/]],
    ["a key twice", app({ signingKeys: ["a", "a"] }), ["apps.reach.signingKeys", /twice/]],
    [
      "an odd key",
      app({ signingKeys: ["A key"] }),
      ["apps.reach.signingKeys[0]", /a name of your own/],
    ],
    [
      "an alias",
      app({ signingKeys: ["alias/mine"] }),
      ["apps.reach.signingKeys[0]", /full ARN of a KMS key/],
    ],
    [
      "a schedule of an hour's token",
      { ...CONFIG, stores: { acme: { ...STORE, rotationHours: 8 } } },
      ["stores.acme.rotationHours", /public app that signs has no schedule/],
    ],
    [
      "a pair beside it, without a client secret",
      {
        ...CONFIG,
        stores: {
          acme: STORE,
          bea: { kind: "offline-expiring", shop: "bea.myshopify.com", app: "reach" },
        },
      },
      ["clientSecrets.reach", /the tokens of store bea are asked for with it/],
    ],
    [
      "an endpoint without a client secret",
      { ...CONFIG, installEndpoint: true },
      ["clientSecrets.reach", /install endpoint verifies/],
    ],
  ])("%s is one problem with its remedy", (_, config, [path, says]) => {
    expect(parsed(config).problems).toEqual([
      { path: `shopify-secrets:${path}`, says: expect.stringMatching(says) },
    ]);
  });
});

describe("the resources of an app that signs", () => {
  test("a key of RSA_3072 that the minting functions use, operators see, and nobody else signs with", async () => {
    const seen = await provision(CONFIG);
    const key = ofType(seen, KEY).find(({ name }) => name === "reach-signing-first-key");
    expect(key?.inputs).toMatchObject({
      customerMasterKeySpec: "RSA_3072",
      keyUsage: "SIGN_VERIFY",
      deletionWindowInDays: 30,
      tags: { "shopify-prefix": "shopify/test", "shopify-app": "reach" },
    });
    const role = (name: string) => `arn:aws:iam::000000000000:role/shopify-test-${name}-us-east-1`;
    const uses = statementsOf(key).filter(({ Sid }) => Sid !== "Administer");
    expect(uses.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      [
        ["kms:Sign"],
        { ArnEquals: { "aws:PrincipalArn": [role("enrol"), role("rotate"), role("sweep")] } },
      ],
      [["kms:GetPublicKey"], undefined],
    ]);
  });

  test("the three functions may sign with that key, and the install function with none", async () => {
    const stores = { bea: { kind: "offline-expiring", shop: "bea.myshopify.com", app: "reach" } };
    const seen = await provision({
      ...CONFIG,
      clientSecrets: { reach: "shpss_1" },
      stores: { ...CONFIG.stores, ...stores },
    });
    const signing = ofType(seen, "aws:iam/rolePolicy:RolePolicy").flatMap((policy) =>
      statementsOf(policy).flatMap(({ Action, Resource }) =>
        Action.includes("kms:Sign") ? [[policy.name, Resource]] : [],
      ),
    );
    expect(Object.fromEntries(signing)).toEqual({
      "enrol-policy": [MADE_ARN],
      "rotate-policy": [MADE_ARN],
      "sweep-policy": [MADE_ARN],
    });
  });

  test("the app's secret holds public things, and its tag leads an operator to the keys", async () => {
    const seen = await provision(app({ signingKeys: ["first", OWN_ARN] }));
    expect(
      ofType(seen, KEY)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["reach-signing-first-key", "secrets-key"]);
    const secret = ofType(seen, "aws:secretsmanager/secret:Secret").find(
      ({ name }) => name === "reach-secret",
    );
    expect(secret?.inputs["tags"]).toEqual({
      "shopify-app": "reach",
      "shopify-signing-keys": `${MADE_ARN} ${OWN_ARN}`,
    });
    const [version] = ofType(seen, "aws:secretsmanager/secretVersion:SecretVersion");
    expect(JSON.stringify(version?.inputs)).toContain(`${MADE_ARN}\\",\\"${OWN_ARN}`);
  });

  test("every store that its app moves leaves the refresh tokens' key and the endpoint where they are", async () => {
    const stores = {
      pair: { kind: "offline-expiring", shop: "pair.myshopify.com", app: "reach" },
      endless: { kind: "offline", shop: "endless.myshopify.com", app: "reach" },
    };
    const reach = { ...CONFIG.apps.reach, offlineTokens: "signed" };
    const moved = { apps: { reach }, clientSecrets: { reach: "shpss_1" }, stores };
    const namesIn = (seen: readonly Recorded[]) => seen.map(({ name }) => name);
    const seen = namesIn(await provision(moved));
    const { offlineTokens: _, ...before } = reach;
    const kept = namesIn(await provision({ ...moved, apps: { reach: before } })).filter((name) =>
      /refresh|install/.test(name),
    );
    expect(kept.length).toBeGreaterThan(3);
    expect(kept.filter((name) => !seen.includes(name))).toEqual([]);
    expect(
      ofType(await provision({ apps: CONFIG.apps, stores: CONFIG.stores }), KEY).map(
        ({ name }) => name,
      ),
    ).not.toContain("refresh-key");
  });
});
