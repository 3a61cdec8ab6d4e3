import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { Refusal } from "../../cli/refusal";
import { INSTALL_ROUTES } from "../../contract/install";
import {
  FUNCTION_ROLES,
  INSTALLED,
  LARGE_FLEET_ROLES,
  LIST_ROLE,
  SECRET_TAGS,
} from "../../contract/names";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import { reading } from "../infra/config/at";
import { recordResources } from "../infra/recorded";
import { stubBundles } from "../infra/stub-bundles";
import { Operator, PREFIX } from "./arrange";

const ADOPT = `adopt --prefix ${PREFIX} --region us-east-1`;
const LISTED = '{"store":"west","kind":"custom-app","shop":"west.myshopify.com"}';
const NEVER = [/:Invocation$/, /:SecretRotation$/, /^pulumi:/, /^shopify-secrets:/];

/** An account in which everything of a stack is there. */
async function wholeStack(): Promise<Operator> {
  const operator = new Operator();
  await operator.addAppSecret("fulfilment");
  await operator.addStore({
    key: "acme",
    kind: "client-credentials",
    app: "fulfilment",
    tags: { "shopify-client-id": "client-1" },
  });
  await operator.schedule("acme");
  await operator.addStore({ key: "boutique", kind: "offline-expiring", app: "fulfilment" });
  for (const role of [...FUNCTION_ROLES, ...LARGE_FLEET_ROLES, LIST_ROLE]) {
    const name = `shopify-prod-${role}`;
    operator.functionFacts.set(name, { state: "Active", lastUpdate: "", variables: {} });
    const Statement = ["SecretsManagerRotatesTheFleet", "ApiGatewayCallsTheEndpoint"];
    operator.policies.set(name, JSON.stringify({ Statement: Statement.map((Sid) => ({ Sid })) }));
  }
  operator.stack = {
    hasRole: async () => true,
    inlinePoliciesOf: async (role) => {
      const [, part = ""] = /^shopify-prod-(\w+?)(?:-by-schedule)?-us-east-1$/.exec(role) ?? [];
      if (role.includes("apply-steps")) return ["apply-steps-policy-0123abc"];
      return role.includes("by-schedule")
        ? ["sweep-schedule-policy-0123abc"]
        : [
            `${part}-policy-0123abc`,
            `${part}-policy-fedcba9`,
            ...(/^(?:sweep|work)$/.test(part) ? [`${part}-queue-policy-0123abc`] : []),
          ];
    },
    hasLogGroup: async () => true,
    hasSchedule: async () => true,
    hasRetries: async () => true,
    mappingsOf: async () => ["33333333-2222-3333-4444-555555555555"],
    queueUrlOf: async (name) => `https://sqs.us-east-1.amazonaws.com/123456789012/${name}`,
    keyOfAlias: async () => "11111111-2222-3333-4444-555555555555",
    keysDescribedAs: async ([secrets = "", refresh = ""]) =>
      new Map([
        [secrets, ["11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"]],
        [refresh, ["22222222-2222-3333-4444-555555555555"]],
      ]),
    apiNamed: async () => ({
      apiId: "api1",
      integrationId: "int1",
      routes: new Map(Object.values(INSTALL_ROUTES).map((key, place) => [key, `route${place}`])),
      stages: ["$default"],
    }),
    hasStateMachine: async () => true,
    bucketNamed: async () => ({
      isVersioned: true,
      isPrivate: true,
      hasLifecycle: true,
      hasList: true,
    }),
  };
  return operator;
}

test("every resource of a stack that is there is taken over by the program, by its own name", async () => {
  const operator = await wholeStack();
  const { out, code } = await operator.type(ADOPT);
  expect(code).toBe(0);
  const { config } = parse(out) as { config: Record<string, unknown> };
  const own = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace("shopify-secrets:", ""), value]),
  );
  const clientSecrets = { fulfilment: "shpss_0123456789abcdef0123456789abcdef" };
  const { fleet, problems } = parseFleet(
    { ...own, clientSecrets },
    { ...reading(PREFIX), readLines: () => [LISTED] },
  );
  expect(problems).toEqual([]);
  const bundles = stubBundles();
  jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  const recorded = await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
  bundles.remove();
  const left = recorded.filter(
    ({ type, imported }) => imported === undefined && !NEVER.some((never) => never.test(type)),
  );
  expect(left.map(({ type, name }) => `${type} ${name}`)).toEqual([]);
  const taken = recorded.flatMap(({ imported }) => imported ?? []);
  expect(taken.sort()).toEqual(Object.values(fleet.settings.imports).sort());
});

test("a key of refresh tokens that was retained is no part of a stack that has none any more", async () => {
  const key = async (operator: Operator) => {
    const { out } = await operator.type(`${ADOPT} --json`);
    return JSON.parse(out).config["shopify-secrets:imports"]["RefreshKey/refresh-tokens-key"];
  };
  const operator = await wholeStack();
  const retained = "22222222-2222-3333-4444-555555555555";
  expect(await key(operator)).toBe(retained);
  const other = new Operator();
  await other.addStore({ key: "heritage", kind: "custom-app" });
  other.stack = operator.stack;
  const facts = { state: "Active", lastUpdate: "Successful", variables: {} };
  other.functionFacts.set("shopify-prod-sweep", facts);
  expect(await key(other)).toBeUndefined();
  // Somebody could come; or the functions are not there yet.
  other.functionFacts.set("shopify-prod-install", facts);
  expect(await key(other)).toBe(retained);
  other.functionFacts.clear();
  expect(await key(other)).toBe(retained);
});

test("what applies a list is taken over as far as it is there, and whoever may not look has none", async () => {
  const operator = await wholeStack();
  const whole = operator.stack;
  const importsOf = async () => {
    const { out } = await operator.type(`${ADOPT} --json`);
    const { config } = JSON.parse(out) as { config: Record<string, Record<string, string>> };
    const imports = config["shopify-secrets:imports"] ?? {};
    const keys = Object.keys(imports).filter((key) => key.startsWith("ListMachine/"));
    return { keys, imports, fleet: config["shopify-secrets:fleet"] };
  };
  const all = await importsOf();
  expect(all.keys).toHaveLength(12);
  expect(all.fleet).toEqual({ list: "stores.jsonl" });
  expect(all.imports["ListMachine/apply-list"]).toMatch(
    /^shopify-prod-us-east-1-\d{12}\/list\.jsonl$/,
  );
  expect(all.imports["ListMachine/apply-machine"]).toMatch(/:stateMachine:shopify-prod-apply$/);

  operator.functionFacts.delete("shopify-prod-apply");
  operator.stack = {
    ...whole,
    hasStateMachine: async () => false,
    bucketNamed: async () => ({
      isVersioned: true,
      isPrivate: false,
      hasLifecycle: false,
      hasList: false,
    }),
  };
  expect((await importsOf()).keys.map((key) => key.split("/apply-")[1]).sort()).toEqual([
    "bucket",
    "log",
    "policy",
    "role",
    "steps-policy",
    "steps-role",
    "versions",
  ]);

  const refuse = async (): Promise<never> => {
    throw new Refusal("AWS refuses it", "ask");
  };
  operator.stack = {
    ...whole,
    hasRole: async (role) => (role.includes("-apply") ? await refuse() : true),
    hasStateMachine: refuse,
    bucketNamed: refuse,
  };
  expect(await importsOf()).toMatchObject({ keys: [], fleet: undefined });
});

test("what nothing stands for any more is named with the command that removes it", async () => {
  const operator = await wholeStack();
  const { out } = await operator.type(ADOPT);
  expect(out).toContain(
    "#   aws kms schedule-key-deletion --key-id 99999999-2222-3333-4444-555555555555",
  );
  expect(out).toContain(
    "#   aws iam delete-role-policy --role-name shopify-prod-enrol-us-east-1 --policy-name enrol-policy-fedcba9",
  );
});

test("what is not there is not imported, and nothing at all is a refusal", async () => {
  const operator = new Operator();
  await operator.addStore({ key: "acme", kind: "custom-app" });
  const { out } = await operator.type(`${ADOPT} --json`);
  const { config } = JSON.parse(out) as { config: Record<string, unknown> };
  expect(Object.keys(config["shopify-secrets:imports"] as object)).toEqual([
    "StoreSecret/acme-secret",
  ]);
  const { code, err } = await new Operator().type(ADOPT);
  expect(err).toContain(`nothing is there of a stack under ${PREFIX} in us-east-1. Next: `);
  expect(code).toBe(3);
});

test("a store that came by itself is left out: no config declares it, and no program takes it over", async () => {
  const operator = await wholeStack();
  const before = await operator.type(ADOPT);
  await operator.addStore({ key: "wholegrain", kind: "offline-expiring", app: "fulfilment" });
  await operator.tag("wholegrain", { [SECRET_TAGS.origin]: INSTALLED });
  const after = await operator.type(ADOPT);
  expect(after).toEqual(before);
  expect(after.out).toContain("boutique");
});
