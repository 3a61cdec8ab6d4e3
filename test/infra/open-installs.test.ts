import { boundaryPolicy } from "../../contract/boundary-policy";
import { deployerPolicies } from "../../contract/deployer-policy";
import { INSTALLED } from "../../contract/names";
import { parseOpenInstalls } from "../../contract/open-installs";
import type { Statement } from "../../contract/policy";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import { allows } from "../assumptions/iam-evaluation";
import { reading } from "./config/at";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const REACH = { clientId: "client-id", distribution: "public" };
const CONFIG = {
  apps: { reach: REACH },
  clientSecrets: { reach: "shpss_canary" },
  stores: { acme: { kind: "offline-expiring", shop: "acme.myshopify.com", app: "reach" } },
  alarms: true,
};

type Config = Readonly<Record<string, unknown>>;

const app = (changes: Config): Config => ({ ...CONFIG, apps: { reach: { ...REACH, ...changes } } });
const OPEN = app({ installs: "open" });

const parsed = (config: Config) => parseFleet(config, reading("shopify/test"));

const bundles = stubBundles();

afterAll(() => bundles.remove());

async function provision(config: Config): Promise<Recorded[]> {
  const { fleet, problems } = parsed(config);
  expect(problems).toEqual([]);
  return await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
}

describe("config of an open app", () => {
  test("takes in a hundred new stores an hour, or as many as it says", () => {
    const openOf = (config: Config) => parsed(config).fleet.apps[0]?.open;
    expect(openOf(OPEN)).toEqual({ newStoresAnHour: 100 });
    expect(openOf(app({ installs: "open", newStoresAnHour: 5 }))).toEqual({ newStoresAnHour: 5 });
    expect(openOf(app({ installs: "declared" }))).toBeUndefined();
    expect(openOf(CONFIG)).toBeUndefined();
  });

  test("needs no declared store, and is not told that its stack has none", () => {
    const { problems, warnings } = parsed({ ...OPEN, stores: {} });
    expect([problems, warnings]).toEqual([[], []]);
  });

  test.each<[string, Config, string, RegExp]>([
    [
      "an unknown word",
      app({ installs: "opne" }),
      "installs",
      /one of declared, open.*did you mean open/,
    ],
    [
      "a custom app",
      app({ installs: "open", distribution: "custom" }),
      "installs",
      /is for public apps alone.*set shopify-secrets:apps\.reach\.distribution to public, or declare the stores/,
    ],
    [
      "an app of the own organization",
      app({ installs: "open", distribution: "own-organization" }),
      "installs",
      /for public apps alone/,
    ],
    [
      "an app that does not say",
      app({ installs: "open", distribution: undefined }),
      "installs",
      /for public apps alone/,
    ],
    [
      "an app that signs",
      app({ installs: "open", credential: "signing-key" }),
      "installs",
      /not for apps that sign yet/,
    ],
    [
      "a limit without an open app",
      app({ newStoresAnHour: 5 }),
      "newStoresAnHour",
      /set shopify-secrets:apps\.reach\.installs to open/,
    ],
    [
      "a limit in quotes",
      app({ installs: "open", newStoresAnHour: "5" }),
      "newStoresAnHour",
      /without quotes/,
    ],
    [
      "a limit below nothing",
      app({ installs: "open", newStoresAnHour: -1 }),
      "newStoresAnHour",
      /must be 0 to 2000/,
    ],
    [
      "half a store",
      app({ installs: "open", newStoresAnHour: 1.5 }),
      "newStoresAnHour",
      /must be 0 to 2000/,
    ],
    [
      "too many",
      app({ installs: "open", newStoresAnHour: 2_001 }),
      "newStoresAnHour",
      /must be 0 to 2000/,
    ],
    [
      "no endpoint",
      { ...OPEN, installEndpoint: false },
      "installs",
      /needs the install endpoint, which shopify-secrets:installEndpoint switches off/,
    ],
  ])("refuses %s in one sentence", (...[, config, key, says]) => {
    const problems = parsed(config).problems.filter(({ path }) => path.endsWith(key));
    expect(problems).toEqual([
      { path: `shopify-secrets:apps.reach.${key}`, says: expect.stringMatching(says) },
    ]);
  });
});

describe("a stack", () => {
  const plain = (resources: readonly Recorded[]) =>
    resources.map(({ type, name, inputs }) => JSON.stringify({ type, name, inputs })).sort();

  test("without an open app has no resource, variable, right or alarm of it", async () => {
    const [before, said] = [
      await provision(CONFIG),
      await provision(app({ installs: "declared" })),
    ];
    expect(plain(said)).toEqual(plain(before));
    const text = plain(before).join("\n");
    for (const trace of [
      "OPEN_INSTALLS",
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "new-stores-refused",
    ]) {
      expect(text).not.toContain(trace);
    }
  });

  test("with one has a variable, rights and an alarm more, and nothing else", async () => {
    const [before, after] = [await provision(CONFIG), await provision(OPEN)];
    const known = new Set(plain(before));
    const changed = after.filter((one) => !known.has(plain([one])[0] ?? ""));
    expect(changed.map(({ name }) => name).sort()).toEqual([
      "alarms-new-stores-refused",
      "dashboard",
      "install-function",
      "install-policy",
    ]);
    expect(after.length).toBe(before.length + 1);
  });

  test("tells the function what such stores are made with", async () => {
    const config = {
      ...OPEN,
      tags: { team: "commerce" },
      recoveryWindowDays: 7,
      apiVersion: "2026-10",
    };
    const install = ofType(await provision(config), "aws:lambda/function:Function").find(
      ({ name }) => name === "install-function",
    );
    const { variables } = (install as Recorded).inputs["environment"] as {
      variables: Record<string, string>;
    };
    expect(parseOpenInstalls(variables["SHOPIFY_SECRETS_OPEN_INSTALLS"])).toEqual({
      apps: [{ app: "reach", newStoresAnHour: 100 }],
      kmsKeyArn: expect.stringMatching(/^arn:aws:kms:/),
      apiVersion: "2026-10",
      recoveryWindowDays: 7,
      tags: { team: "commerce" },
    });
  });

  test("with no declared store has the endpoint and the key of refresh tokens all the same", async () => {
    const names = (await provision({ ...OPEN, stores: {} })).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["install-api", "refresh-tokens-key"]));
  });
});

describe("what the install function of an open app may do", () => {
  const STORE =
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/wholegrain/token-a1b2c3";
  const APP =
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/apps/reach/credential-a1b2c3";
  const ELSEWHERE =
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/prod/stores/wholegrain/token-a1b2c3";
  let statements: readonly Statement[] = [];
  let kmsKeyArn = "";

  beforeAll(async () => {
    const resources = await provision({ ...OPEN, tags: { team: "commerce" } });
    const policy = ofType(resources, "aws:iam/rolePolicy:RolePolicy").find(
      ({ name }) => name === "install-policy",
    );
    statements = (policyIn(policy as Recorded, "policy") as { Statement: Statement[] }).Statement;
    const make = statements.find(({ Sid }) => Sid === "MakeStores");
    const { StringEquals } = (make as Statement).Condition as {
      StringEquals: Record<string, string>;
    };
    kmsKeyArn = StringEquals["secretsmanager:KmsKeyId"] ?? "";
  });

  type Context = Record<string, string | string[]>;
  const made = (change: Context = {}): Context => ({
    "aws:RequestTag/shopify-origin": INSTALLED,
    "aws:RequestTag/shopify-kind": "offline-expiring",
    "aws:TagKeys": [
      "shopify-origin",
      "shopify-kind",
      "shopify-store",
      "shopify-secrets:state",
      "team",
    ],
    "secretsmanager:KmsKeyId": kmsKeyArn,
    ...change,
  });
  const marked = (change: Context = {}): Context => ({
    "aws:ResourceTag/shopify-origin": INSTALLED,
    "aws:ResourceTag/shopify-kind": "offline-expiring",
    ...change,
  });
  const DECLARED = { "aws:ResourceTag/shopify-kind": "offline-expiring" };

  test.each<[string, boolean, string, string, () => Context]>([
    ["make a store", true, "CreateSecret", STORE, () => made()],
    ["tag it as it is made", true, "TagResource", STORE, () => made()],
    [
      "tag it where AWS takes its new tags for its own",
      true,
      "TagResource",
      STORE,
      () => ({ ...made(), ...marked() }),
    ],
    [
      "make a store without the mark",
      false,
      "CreateSecret",
      STORE,
      () => made({ "aws:RequestTag/shopify-origin": "listed" }),
    ],
    [
      "make one of a kind that no merchant approves",
      false,
      "CreateSecret",
      STORE,
      () => made({ "aws:RequestTag/shopify-kind": "custom-app" }),
    ],
    [
      "make one under another key",
      false,
      "CreateSecret",
      STORE,
      () => made({ "secretsmanager:KmsKeyId": "alias/mine" }),
    ],
    ["make an app secret", false, "CreateSecret", APP, () => made()],
    ["make a store of another stack", false, "CreateSecret", ELSEWHERE, () => made()],
    ["mark a declared store", false, "TagResource", STORE, () => ({ ...made(), ...DECLARED })],
    [
      "give a store a tag of somebody else's",
      false,
      "TagResource",
      STORE,
      () => made({ "aws:TagKeys": ["shopify-origin", "cost"] }),
    ],
    [
      "remove a store that came by itself, with a window",
      true,
      "DeleteSecret",
      STORE,
      () => marked({ "secretsmanager:RecoveryWindowInDays": "30" }),
    ],
    [
      "remove one at once",
      false,
      "DeleteSecret",
      STORE,
      () => marked({ "secretsmanager:ForceDeleteWithoutRecovery": "true" }),
    ],
    [
      "remove a declared store",
      false,
      "DeleteSecret",
      STORE,
      () => ({ ...DECLARED, "secretsmanager:RecoveryWindowInDays": "30" }),
    ],
    [
      "remove an app secret",
      false,
      "DeleteSecret",
      APP,
      () => marked({ "secretsmanager:RecoveryWindowInDays": "30" }),
    ],
    ["restore one that came by itself", true, "RestoreSecret", STORE, () => marked()],
    ["restore a declared store", false, "RestoreSecret", STORE, () => DECLARED],
    ["change a secret's policy", false, "PutResourcePolicy", STORE, () => marked()],
    ["change a secret's description", false, "UpdateSecret", STORE, () => marked()],
    ["take a mark away", false, "UntagResource", STORE, () => marked()],
  ])("%s: %s", (...[, may, operation, resource, context]) => {
    const action = `secretsmanager:${operation}`;
    expect(allows(statements, { action, resource, context: context() })).toBe(may);
  });

  test("a deployer makes its alarm with the flag, and no other policy names it", () => {
    const place = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
    const policies = (openInstalls?: boolean) =>
      deployerPolicies({ place, prefix: "shopify/test", vpc: false, openInstalls }).join("\n");
    expect(policies(true)).toContain("alarm:shopify-test-new-stores-refused");
    expect(policies()).not.toContain("new-stores-refused");
  });

  test("stays within the boundary of such a stack, and outside that of any other", () => {
    const place = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
    const bounds = (openInstalls: boolean) =>
      (
        JSON.parse(boundaryPolicy({ place, prefix: "shopify/test", vpc: false, openInstalls })) as {
          Statement: Statement[];
        }
      ).Statement;
    for (const operation of ["CreateSecret", "DeleteSecret", "RestoreSecret"]) {
      const question = { action: `secretsmanager:${operation}`, resource: STORE, context: {} };
      expect([operation, allows(bounds(true), question)]).toEqual([operation, true]);
      expect([operation, allows(bounds(false), question)]).toEqual([operation, false]);
      expect(allows(bounds(true), { ...question, resource: APP })).toBe(false);
    }
  });
});
