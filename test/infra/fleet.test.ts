import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { parseEnrolRequest } from "../../contract/enrolment";
import { INSTALL_ROUTES } from "../../contract/install";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import type { Statement } from "../../infra/policies/statement";
import { allows } from "../assumptions/iam-evaluation";
import { reading } from "./config/at";
import { ofType, policyIn, type Recorded, recordResources } from "./recorded";
import { stubBundles } from "./stub-bundles";

const TOKEN = "shpat_canary-token";
const CLIENT_SECRET = "shpss_canary-client-secret";
const SECRET = "aws:secretsmanager/secret:Secret";
const INVOCATION = "aws:lambda/invocation:Invocation";
const ROTATION = "aws:secretsmanager/secretRotation:SecretRotation";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

const CONFIG = {
  apps: { fulfilment: { clientId: "client-id" } },
  clientSecrets: { fulfilment: CLIENT_SECRET },
  accessTokens: { heritage: TOKEN },
  stores: {
    acme: { kind: "client-credentials", shop: "acme.myshopify.com", app: "fulfilment" },
    heritage: { kind: "custom-app", shop: "heritage.myshopify.com" },
    partner: { kind: "offline", shop: "partner.myshopify.com" },
  },
};

const bundles = stubBundles();

afterAll(() => bundles.remove());

async function provision(
  config: Readonly<Record<string, unknown>>,
  bundlesFolder = bundles.folder,
): Promise<Recorded[]> {
  const { fleet, problems } = parseFleet(config, reading("shopify/test"));
  expect(problems).toEqual([]);
  return recordResources(() => {
    provisionFleet(fleet, { bundlesFolder });
  });
}

let recordedOnce: Promise<Recorded[]> | undefined;

/** The resources of `CONFIG`, recorded once: no test changes them. */
function standard(): Promise<Recorded[]> {
  recordedOnce ??= provision(CONFIG);
  return recordedOnce;
}

function withStore(key: string, store: Readonly<Record<string, unknown>>) {
  return { ...CONFIG, stores: { ...CONFIG.stores, [key]: store } };
}

function named(recorded: readonly Recorded[], type: string, name: string): Recorded {
  const found = ofType(recorded, type).find((resource) => resource.name === name);
  if (!found) throw new Error(`no ${type} ${name}`);
  return found;
}

/** The values that reached the provider as secrets, anywhere in a resource's inputs. */
function secretInput(resource: Recorded, input: string): string {
  const wrapped = resource.inputs[input];
  const isSecret = typeof wrapped === "object" && wrapped !== null && "value" in wrapped;
  if (!isSecret) throw new Error(`${input} is no secret`);
  return String(wrapped.value);
}

/** What an enrolment is called with, encrypted in the state or not. */
function enrolmentInput(seen: readonly Recorded[], store: string): string {
  const enrolment = named(seen, INVOCATION, `${store}-enrolment`);
  const { input } = enrolment.inputs;
  return typeof input === "string" ? input : secretInput(enrolment, "input");
}

describe("resources", () => {
  test("only an app secret has a version", async () => {
    const seen = await standard();
    expect(ofType(seen, VERSION).map(({ name }) => name)).toEqual(["fulfilment-version"]);
  });

  test("a bundle that is not built stops before any resource of its function", async () => {
    const empty = mkdtempSync(join(tmpdir(), "no-bundles-"));
    await expect(provision(CONFIG, empty)).rejects.toThrow(/npm run build/);
    rmSync(empty, { recursive: true });
  });
});

describe("a store secret", () => {
  test("carries the declaration, the key, the window and tags", async () => {
    const seen = await provision({ ...CONFIG, recoveryWindowDays: 7, tags: { team: "shops" } });
    expect(named(seen, SECRET, "acme-secret").inputs).toEqual({
      name: "shopify/test/stores/acme/token",
      description:
        '{"v":1,"kind":"client-credentials","shop":"acme.myshopify.com","app":"fulfilment","scopes":"","api":"2026-10"}',
      kmsKeyId: "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555",
      recoveryWindowInDays: 7,
      policy: "{}",
      tags: {
        team: "shops",
        "shopify-store": "acme",
        "shopify-kind": "client-credentials",
        "shopify-client-id": expect.stringMatching(/./),
      },
    });
  });

  test("named readers stand in conditions, and nobody else reads", async () => {
    const reader = "arn:aws:iam::000000000000:role/orders";
    const seen = await provision(withStore("acme", { ...CONFIG.stores.acme, readers: [reader] }));
    const policy = policyIn(named(seen, SECRET, "acme-secret"), "policy") as {
      Statement: Record<string, unknown>[];
    };
    expect(policy.Statement).toHaveLength(2);
    expect(policy.Statement.map(({ Principal }) => Principal)).toEqual([
      { AWS: "*" },
      { AWS: "*" },
    ]);
    expect(policy.Statement[0]).toMatchObject({
      Effect: "Allow",
      Condition: { ArnEquals: { "aws:PrincipalArn": [reader] } },
    });
    expect(policy.Statement[1]).toMatchObject({
      Effect: "Deny",
      Condition: {
        ArnNotEquals: {
          "aws:PrincipalArn": expect.arrayContaining([
            reader,
            "arn:aws:iam::000000000000:role/shopify-test-rotate-us-east-1",
            "arn:aws:iam::000000000000:role/shopify-test-enrol-us-east-1",
          ]),
        },
      },
    });
  });
});

describe("a store that names its readers", () => {
  const arnOf = (principal: string) => `arn:aws:iam::000000000000:${principal}`;
  const READER = arnOf("role/orders");
  const RESCUER = arnOf("role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Rescue_0a1b");

  async function audience(): Promise<Statement[]> {
    const store = { ...CONFIG.stores.acme, readers: [READER] };
    const seen = await provision({ ...withStore("acme", store), breakGlass: [RESCUER] });
    const policy = policyIn(named(seen, SECRET, "acme-secret"), "policy");
    return (policy as { Statement: Statement[] }).Statement;
  }

  const IAM_GIVES_ALL: Statement = {
    Effect: "Allow",
    Action: ["GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"].map(
      (action) => `secretsmanager:${action}`,
    ),
    Resource: "*",
  };

  const ALL = IAM_GIVES_ALL.Action;
  const ROTATE = arnOf("role/shopify-test-rotate-us-east-1");
  const SWEEP = arnOf("role/shopify-test-sweep-us-east-1");
  const FOREIGN = arnOf("role/shopify-prod-rotate-us-east-1");
  const OWNER = "arn:aws:iam::000000000000:root";

  test.each([
    { who: "a named reader", principal: READER, iam: [], may: ["secretsmanager:GetSecretValue"] },
    { who: "the rotate function", principal: ROTATE, iam: [IAM_GIVES_ALL], may: ALL },
    { who: "the sweep", principal: SWEEP, iam: [IAM_GIVES_ALL], may: ALL },
    { who: "break-glass with IAM's leave", principal: RESCUER, iam: [IAM_GIVES_ALL], may: ALL },
    { who: "break-glass without it", principal: RESCUER, iam: [], may: [] },
    { who: "an administrator", principal: arnOf("role/admin"), iam: [IAM_GIVES_ALL], may: [] },
    { who: "the account's owner", principal: OWNER, iam: [IAM_GIVES_ALL], may: [] },
    { who: "another stack's function", principal: FOREIGN, iam: [IAM_GIVES_ALL], may: [] },
  ])("its value is open as far as it should be to $who", async ({ principal, iam, may }) => {
    const statements = [...(await audience()), ...iam];
    const context = { "aws:PrincipalArn": principal };
    const allowed = ALL.filter((action) => allows(statements, { action, resource: "*", context }));
    expect(allowed).toEqual(may);
  });

  test("is managed as IAM says by everybody, so that nobody is locked out of it", async () => {
    const denied = (await audience()).flatMap(({ Effect, Action }) =>
      Effect === "Deny" ? Action : [],
    );
    expect(denied).toEqual(IAM_GIVES_ALL.Action);
  });
});

describe("an enrolment", () => {
  test("is a request that the enrol function accepts", async () => {
    const seen = await standard();
    const payload: unknown = JSON.parse(
      secretInput(named(seen, INVOCATION, "heritage-enrolment"), "input"),
    );
    const request = parseEnrolRequest(payload);
    expect(request).toMatchObject({
      store: "heritage",
      kind: "custom-app",
      shop: "heritage.myshopify.com",
      app: undefined,
      tokenSource: "config",
    });
    expect(request.accessToken?.unseal()).toBe(TOKEN);
  });

  test("is encrypted in the state where config holds a token, and plain where nothing in it is secret", async () => {
    const seen = await standard();
    const { input } = named(seen, INVOCATION, "acme-enrolment").inputs;
    expect(JSON.parse(String(input))).toMatchObject({ store: "acme", access_token: "" });
    expect(() => secretInput(named(seen, INVOCATION, "heritage-enrolment"), "input")).not.toThrow();
  });

  test("changes with the app secret's version, and says so in plain sight", async () => {
    const seen = await standard();
    expect(named(seen, INVOCATION, "acme-enrolment").inputs["triggers"]).toEqual({
      kind: "client-credentials",
      shop: "acme.myshopify.com",
      app: "fulfilment",
      scopes: "",
      apiVersion: "2026-10",
      appSecretVersion: "0123456789abcdef0123456789abcdef",
    });
  });

  test("has a salt of its own for each secret, the same at every run", async () => {
    const saltsOf = (seen: readonly Recorded[]) =>
      ["acme", "heritage"].map(
        (store) => (JSON.parse(enrolmentInput(seen, store)) as { salt: string }).salt,
      );
    const first = saltsOf(await standard());
    expect(first).toEqual(saltsOf(await provision(CONFIG)));
    expect(first.every((salt) => salt.length >= 16)).toBe(true);
    expect(new Set(first).size).toBe(2);
  });
});

describe("a rotation", () => {
  test("belongs to client-credentials stores alone, and never starts by itself", async () => {
    const seen = await standard();
    const rotations = ofType(seen, ROTATION);
    expect(rotations.map(({ name }) => name)).toEqual(["acme-rotation"]);
    expect(rotations[0]?.inputs).toMatchObject({
      rotateImmediately: false,
      rotationRules: {
        duration: "1h",
        scheduleExpression: expect.stringMatching(/^cron\(0 [0-7]\/8 \* \* \? \*\)$/),
      },
    });
  });
});

/** The folder of a function's bundle. */
const codeOf = async ({ code }: Recorded["inputs"]) =>
  await (code as pulumi.asset.FileArchive).path;

describe("functions", () => {
  test("run on Node 24 on arm64, with their own role and log group", async () => {
    const seen = await provision({ ...CONFIG, logRetentionDays: 30 });
    for (const role of ["rotate", "enrol"]) {
      expect(named(seen, "aws:lambda/function:Function", `${role}-function`).inputs).toMatchObject({
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        role: `arn:aws:iam::000000000000:role/shopify-test-${role}-us-east-1`,
        environment: { variables: { SHOPIFY_SECRETS_PREFIX: "shopify/test" } },
      });
      expect(named(seen, "aws:cloudwatch/logGroup:LogGroup", `${role}-log`).inputs).toMatchObject({
        name: `/aws/lambda/shopify-test-${role}`,
        retentionInDays: 30,
      });
    }
  });

  test("the sweep works on as many stores at a time as config says, and its variables name nothing else", async () => {
    const variablesOf = async (changes: object) => {
      const seen = await provision({ ...CONFIG, ...changes });
      return named(seen, "aws:lambda/function:Function", "sweep-function").inputs["environment"];
    };
    const prefix = { SHOPIFY_SECRETS_PREFIX: "shopify/test" };
    expect(await variablesOf({})).toEqual({ variables: prefix });
    expect(await variablesOf({ storesAtOnce: 4 })).toEqual({
      variables: { ...prefix, SHOPIFY_SECRETS_STORES_AT_ONCE: "4" },
    });
  });

  test("without workQueue there is no queue, no worker and no right to either, and the sweep is as it was", async () => {
    const seen = await standard();
    expect(seen.filter(({ type }) => /sqs|eventSourceMapping/.test(type))).toEqual([]);
    expect(JSON.stringify(seen.map(({ inputs }) => inputs))).not.toMatch(/sqs:|-work|WORK_QUEUE/);
    const sweep = named(seen, "aws:lambda/function:Function", "sweep-function").inputs;
    expect(sweep).toMatchObject({ memorySize: 512 });
    expect(await codeOf(sweep)).toMatch(/sweep$/);
  });

  test("with workQueue the sweep sends to a bounded number of workers, who list nothing", async () => {
    const seen = await provision({ ...CONFIG, workQueue: true });
    expect(named(seen, "aws:sqs/queue:Queue", "work-queue").inputs).toEqual({
      name: "shopify-test-work",
      visibilityTimeoutSeconds: 90,
      messageRetentionSeconds: 1_200,
      sqsManagedSseEnabled: true,
      tags: {},
    });
    expect(
      await codeOf(named(seen, "aws:lambda/function:Function", "sweep-function").inputs),
    ).toMatch(/sweep-queue$/);
    expect(
      named(seen, "aws:lambda/eventSourceMapping:EventSourceMapping", "work-orders").inputs,
    ).toMatchObject({
      batchSize: 10,
      functionResponseTypes: ["ReportBatchItemFailures"],
      scalingConfig: { maximumConcurrency: 12 },
    });
    const worker = named(seen, "aws:lambda/function:Function", "work-function").inputs;
    expect(worker).toMatchObject({ name: "shopify-test-work", timeout: 60 });
    const rights = (name: string) =>
      JSON.stringify(named(seen, "aws:iam/rolePolicy:RolePolicy", name).inputs["policy"]);
    expect(rights("work-policy")).not.toMatch(/ListSecrets|InvokeFunction|RotateSecret|Delete/);
    expect(rights("work-queue-policy")).not.toContain("sqs:SendMessage");
    expect(rights("sweep-queue-policy")).not.toContain("sqs:ReceiveMessage");
  });

  test("only the rotate function may be called by Secrets Manager, for store secrets of this account", async () => {
    const seen = await standard();
    expect(ofType(seen, "aws:lambda/permission:Permission").map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({
        principal: "secretsmanager.amazonaws.com",
        function: "shopify-test-rotate",
        sourceAccount: "000000000000",
        sourceArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test/stores/*",
      }),
    ]);
  });

  test("join a VPC when one is declared, with the permission to do so", async () => {
    const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
    const seen = await provision({ ...CONFIG, vpc });
    for (const role of ["rotate", "enrol", "sweep"]) {
      const joined = named(seen, "aws:lambda/function:Function", `${role}-function`);
      expect(joined.inputs["vpcConfig"]).toEqual(vpc);
      const policy = named(seen, "aws:iam/rolePolicy:RolePolicy", `${role}-network-policy`);
      expect(policy.inputs["policy"]).toContain("ec2:CreateNetworkInterface");
    }
  });

  test("leave a VPC with that permission, by which Lambda takes their network interfaces away", async () => {
    const seen = await provision({ ...CONFIG, leavingVpc: true });
    for (const role of ["rotate", "enrol", "sweep"]) {
      const left = named(seen, "aws:lambda/function:Function", `${role}-function`);
      expect(left.inputs).not.toHaveProperty("vpcConfig");
      const policy = named(seen, "aws:iam/rolePolicy:RolePolicy", `${role}-network-policy`);
      expect(policy.inputs["policy"]).toContain("ec2:DeleteNetworkInterface");
    }
    const policies = ofType(await standard(), "aws:iam/rolePolicy:RolePolicy");
    expect(policies.map(({ name }) => name).filter((name) => /network/.test(name))).toEqual([]);
  });
});

describe("the sweep", () => {
  test("is called every ten minutes, by the scheduler and nobody else", async () => {
    const seen = await standard();
    expect(named(seen, "aws:scheduler/schedule:Schedule", "sweep-schedule").inputs).toMatchObject({
      scheduleExpression: "rate(10 minutes)",
      target: {
        arn: "arn:aws:lambda:us-east-1:000000000000:function:shopify-test-sweep",
        roleArn: "arn:aws:iam::000000000000:role/shopify-test-sweep-by-schedule-us-east-1",
        input: '{"action":"sweep"}',
      },
    });
    expect(
      policyIn(named(seen, "aws:iam/role:Role", "sweep-schedule-role"), "assumeRolePolicy"),
    ).toMatchObject({
      Statement: [
        {
          Principal: { Service: "scheduler.amazonaws.com" },
        },
      ],
    });
    expect(
      policyIn(named(seen, "aws:iam/rolePolicy:RolePolicy", "sweep-schedule-policy"), "policy"),
    ).toMatchObject({
      Statement: [
        {
          Action: ["lambda:InvokeFunction"],
          Resource: "arn:aws:lambda:us-east-1:000000000000:function:shopify-test-sweep",
        },
      ],
    });
  });
});

describe("the install endpoint", () => {
  const API = "aws:apigatewayv2/api:Api";
  const ROUTE = "aws:apigatewayv2/route:Route";
  const PAIR = { kind: "offline-expiring", shop: "hourly.myshopify.com", app: "fulfilment" };

  test("is public, so it is there only when a store needs its merchant, or config asks for it", async () => {
    const needed = await provision(withStore("hourly", PAIR));
    const asked = await provision({ ...CONFIG, installEndpoint: true });
    const refused = await provision({ ...withStore("hourly", PAIR), installEndpoint: false });
    const counts = [await standard(), needed, asked, refused].map(
      (seen) => ofType(seen, API).length,
    );
    expect(counts).toEqual([0, 1, 1, 0]);
  });

  test("has the contract's routes and no other, and the function may be called by this API alone", async () => {
    const seen = await provision({ ...CONFIG, installEndpoint: true });
    const routes = ofType(seen, ROUTE).map(({ inputs }) => inputs["routeKey"]);
    expect(routes.sort()).toEqual(Object.values(INSTALL_ROUTES).sort());
    const permissions = ofType(seen, "aws:lambda/permission:Permission");
    expect(permissions.find(({ name }) => name === "install-permission")?.inputs).toMatchObject({
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:execute-api:us-east-1:000000000000:install-api/*/*",
    });
  });

  test("knows its own host name", async () => {
    const seen = await provision({
      ...CONFIG,
      installEndpoint: true,
      installDomain: "install.example.com",
    });
    expect(named(seen, "aws:lambda/function:Function", "install-function").inputs).toMatchObject({
      environment: { variables: { SHOPIFY_SECRETS_INSTALL_DOMAIN: "install.example.com" } },
    });
  });
});

describe("alarms and notices", () => {
  const TOPIC = "aws:sns/topic:Topic";
  const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
  const OWN_TOPIC = "arn:aws:sns:us-east-1:000000000000:ours";

  test("are there when config asks for them, on a topic of the stack's own or on a given one", async () => {
    const seen = [
      await standard(),
      await provision({ ...CONFIG, alarms: true }),
      await provision({ ...CONFIG, alarms: { topicArn: OWN_TOPIC } }),
    ];
    expect(seen.map((all) => ofType(all, TOPIC).length)).toEqual([0, 1, 0]);
    expect(seen.map((all) => ofType(all, ALARM).length > 0)).toEqual([false, true, true]);
  });

  test("the sweep publishes on that topic and on no other", async () => {
    const seen = await provision({ ...CONFIG, alarms: { topicArn: OWN_TOPIC } });
    expect(named(seen, "aws:lambda/function:Function", "sweep-function").inputs).toMatchObject({
      environment: { variables: { SHOPIFY_SECRETS_NOTICE_TOPIC_ARN: OWN_TOPIC } },
    });
    expect(
      policyIn(named(seen, "aws:iam/rolePolicy:RolePolicy", "sweep-notice-policy"), "policy"),
    ).toMatchObject({
      Statement: [{ Action: ["sns:Publish"], Resource: OWN_TOPIC }],
    });
  });
});

describe("keys", () => {
  const KEY = "aws:kms/key:Key";
  const PAIR = { kind: "offline-expiring", shop: "hourly.myshopify.com", app: "fulfilment" };

  test("the stack makes one, rotated, unless config names one", async () => {
    const own = "arn:aws:kms:us-east-1:000000000000:key/99999999-2222-3333-4444-555555555555";
    const made = await standard();
    const given = await provision({ ...CONFIG, kmsKeyArn: own });
    expect(ofType(made, KEY).map(({ inputs }) => inputs["enableKeyRotation"])).toEqual([true]);
    expect(ofType(given, KEY)).toEqual([]);
    expect(named(given, SECRET, "acme-secret").inputs["kmsKeyId"]).toBe(own);
  });

  test("refresh tokens have their own key, once a store needs it, and functions are told", async () => {
    const seen = await provision(withStore("hourly", PAIR));
    expect(ofType(seen, KEY).map(({ name }) => name)).toEqual(
      expect.arrayContaining(["secrets-key", "refresh-tokens-key"]),
    );
    expect(named(seen, "aws:lambda/function:Function", "sweep-function").inputs).toMatchObject({
      environment: {
        variables: { SHOPIFY_SECRETS_REFRESH_KEY_ARN: expect.stringContaining(":key/") },
      },
    });
  });

  test("a former key of refresh tokens opens them, and seals nothing", async () => {
    const former = "arn:aws:kms:us-east-1:000000000000:key/99999999-2222-3333-4444-555555555555";
    const seen = await provision({
      ...withStore("hourly", PAIR),
      formerRefreshKeyArns: [former],
    });
    const statementsOf = (role: string) => {
      const policy = policyIn(
        named(seen, "aws:iam/rolePolicy:RolePolicy", `${role}-policy`),
        "policy",
      );
      return (policy as { Statement: { Action: string[]; Resource: unknown }[] }).Statement;
    };
    for (const role of ["sweep", "install"]) {
      const naming = statementsOf(role).filter((one) => JSON.stringify(one).includes(former));
      expect(naming).toMatchObject([{ Action: ["kms:Decrypt"], Resource: [former] }]);
    }
    for (const role of ["rotate", "enrol"]) {
      expect(JSON.stringify(statementsOf(role))).not.toContain(former);
    }
  });

  test("a reader of another account is let in by the key's policy", async () => {
    const outsider = "arn:aws:iam::111111111111:role/orders";
    const seen = await provision(withStore("acme", { ...CONFIG.stores.acme, readers: [outsider] }));
    const policy = JSON.stringify(policyIn(named(seen, KEY, "secrets-key"), "policy"));
    expect(policy).toContain(outsider);
  });
});

describe("secrets", () => {
  test("reach the provider marked as secrets, and stand nowhere else", async () => {
    const seen = await standard();
    const open = seen.map(({ inputs, name, type }) => {
      const plain = Object.entries(inputs).filter(([, value]) => !isMarkedSecret(value));
      return JSON.stringify([type, name, plain]);
    });
    expect(open.join("\n")).not.toMatch(/canary/);
  });
});

function isMarkedSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value;
}
