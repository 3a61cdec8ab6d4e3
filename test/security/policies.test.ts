import { FUNCTION_ROLES, LARGE_FLEET_ROLES } from "../../contract/names";
import { MANAGED_POLICY_MAX } from "../../contract/policy";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import { encodeActingPolicy, encodeLookingPolicy } from "../../infra/policies/operator";
import { reading } from "../infra/config/at";
import { ofType, type Recorded, recordResources } from "../infra/recorded";
import { stubBundles } from "../infra/stub-bundles";
import { deployerPolicy } from "./deployer-policy";
import { EVERY_POLICY } from "./every-policy";

const FLEET = {
  place: { partition: "aws", region: "us-east-1", accountId: "000000000000" },
  prefix: "shopify/test",
};

/**
 * The only actions that may be allowed on every resource of the account, each with the reason. (In the
 * policy of a key or a secret the wildcard is that very key or secret.)
 */
const WITHOUT_NARROWER_RESOURCE: Readonly<Record<string, string>> = {
  "secretsmanager:ListSecrets": "AWS offers no resource for it; it shows no value",
  "secretsmanager:BatchGetSecretValue":
    "AWS offers no resource for it; it gives nothing without GetSecretValue on each secret",
  "cloudwatch:DescribeAlarms":
    "the deployer looks for alarms before they are there; it shows no secret",
  "kms:CreateKey": "there is no key yet",
  "kms:ListAliases": "AWS offers no resource for it",
  "kms:ListKeys": "AWS offers no resource for it; adopt looks for a key that no alias leads to",
  "logs:DescribeLogGroups":
    "the deployer looks for log groups before they are there; it shows no log",
  "sts:GetCallerIdentity": "AWS offers no resource for it",
  "ec2:AssignPrivateIpAddresses": "Lambda needs it on interfaces that do not exist yet",
  "ec2:CreateNetworkInterface": "Lambda needs it on interfaces that do not exist yet",
  "ec2:DeleteNetworkInterface": "Lambda needs it on interfaces that it has made itself",
  "ec2:DescribeNetworkInterfaces": "AWS offers no resource for it",
  "ec2:DescribeSubnets": "AWS offers no resource for it",
  "ec2:UnassignPrivateIpAddresses": "Lambda needs it on interfaces that it has made itself",
};

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: string | readonly string[];
  readonly NotAction?: unknown;
  readonly Resource?: string | readonly string[];
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** A statement, and the resource and the input that it stands in. */
interface Found extends Statement {
  readonly where: string;
  readonly isIdentityPolicy: boolean;
}

const bundles = stubBundles();
let program: readonly Recorded[];
let statements: readonly Found[];

beforeAll(async () => {
  const { fleet, problems } = parseFleet(EVERY_POLICY, reading("shopify/test"));
  expect(problems).toEqual([]);
  program = await recordResources(() => {
    const { stores } = provisionFleet(fleet, { bundlesFolder: bundles.folder });
    for (const store of Object.values(stores)) {
      store.apply(({ readerPolicy }) => readerPolicies.push(readerPolicy));
    }
  });
  statements = [
    ...program.flatMap(statementsIn),
    ...readerPolicies.flatMap((policy) => attached("readerPolicy", policy)),
    ...attached("looking operator", encodeLookingPolicy(FLEET)),
    ...attached("acting operator", encodeActingPolicy(FLEET)),
    ...deployerPolicy("test").flatMap((policy) => attached("deployer", policy)),
  ];
});

afterAll(() => bundles.remove());

const readerPolicies: string[] = [];

/** Every policy in a resource's inputs, trust policies included, wherever it stands. */
function statementsIn({ type, name, inputs }: Recorded): Found[] {
  return Object.entries(inputs).flatMap(([input, value]) => {
    if (typeof value !== "string" || !value.includes('"Statement"')) return [];
    const isIdentityPolicy = /^aws:iam\/(?:role|user|group)?[Pp]olicy:/.test(type);
    return statementsOf(value, { where: `${name} ${input}`, isIdentityPolicy });
  });
}

/** A policy that people attach to a role of theirs. */
function attached(where: string, policy: string): Found[] {
  return statementsOf(policy, { where, isIdentityPolicy: true });
}

function statementsOf(policy: string, about: Pick<Found, "where" | "isIdentityPolicy">): Found[] {
  const { Statement: list } = JSON.parse(policy) as { Statement: Statement[] };
  return list.map((statement) => ({ ...statement, ...about }));
}

const nameOf = ({ where, Sid }: Found) => `${where}: ${Sid ?? "a statement without a name"}`;
const listed = (value: string | readonly string[] | undefined) => [value ?? []].flat();

test("there are policies to judge: of every function, its trust, both keys, a secret and its readers", () => {
  const places = new Set(statements.map(({ where }) => where));
  expect([...places]).toEqual(
    expect.arrayContaining([
      ...FUNCTION_ROLES.map((role) => `${role}-policy policy`),
      ...FUNCTION_ROLES.map((role) => `${role}-role assumeRolePolicy`),
      "secrets-key policy",
      "refresh-tokens-key policy",
      "acme-secret policy",
      "readerPolicy",
    ]),
  );
});

test("no action is a wildcard, and none is everything but some", () => {
  const wild = statements.filter(
    ({ Action, NotAction }) =>
      NotAction !== undefined || listed(Action).some((action) => /[*?]/.test(action)),
  );
  expect(wild.map(nameOf)).toEqual([]);
});

test("a wildcard stands for a resource only where AWS offers nothing else", () => {
  const wild = statements.filter(
    ({ isIdentityPolicy, Resource, NotResource }) =>
      NotResource !== undefined || (isIdentityPolicy && listed(Resource).includes("*")),
  );
  const actions = wild.flatMap(({ Action }) => listed(Action));
  expect([...new Set(actions)].sort()).toEqual(Object.keys(WITHOUT_NARROWER_RESOURCE).sort());
});

/** The wildcards in a principal's resources, without the head that all ARNs of a service share. */
function wildcardsOf(isTheirs: (found: Found) => boolean): string[] {
  const resources = statements
    .filter((found) => found.isIdentityPolicy && isTheirs(found))
    .flatMap(({ Resource }) => listed(Resource))
    .filter((resource) => resource !== "*" && /[*?]/.test(resource));
  return [...new Set(resources)].sort();
}

/** The functions of a stack that has them all. */
const ROLES = [...FUNCTION_ROLES, ...LARGE_FLEET_ROLES];
const SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shopify/test";

test("every other resource is one ARN, or a path of this stack's names", () => {
  expect(wildcardsOf(({ where }) => where !== "deployer")).toEqual([
    ...ROLES.map(
      (role) => `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/shopify-test-${role}:*`,
    ).sort(),
    `${SECRETS}/*`, // the operators', who see no value
    `${SECRETS}/apps/*`,
    `${SECRETS}/stores/*`,
  ]);
});

test("the deployer's are this stack's names too, but for keys and APIs, which AWS names", () => {
  expect(wildcardsOf(({ where }) => where === "deployer")).toEqual([
    "arn:aws:apigateway:us-east-1::/apis/*",
    "arn:aws:apigateway:us-east-1::/tags/*",
    "arn:aws:kms:us-east-1:000000000000:alias/shopify/test/*",
    "arn:aws:kms:us-east-1:000000000000:key/*",
    ...FUNCTION_ROLES.map(
      (role) => `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/shopify-test-${role}:*`,
    ).sort(),
    `${SECRETS}/*`,
    `${SECRETS}/apps/*`,
  ]);
});

test("the deployer's policies fit managed policies (6,144 characters), and its roles go to their services alone", () => {
  const policies = deployerPolicy("a-stack-with-a-long-name-of-28-ch", { vpc: true });
  expect(policies.length).toBeGreaterThan(1);
  for (const policy of policies) expect(policy.length).toBeLessThanOrEqual(MANAGED_POLICY_MAX);
  const passing = statements.filter(({ Action }) => listed(Action).includes("iam:PassRole"));
  expect(passing.map(({ where, Condition }) => [where, Condition])).toEqual([
    [
      "deployer",
      {
        StringEquals: {
          "iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com"],
        },
      },
    ],
  ]);
});

test("whoever is named as everybody is narrowed by a condition, and nobody is named as everybody else", () => {
  const open = statements.filter(({ Principal, NotPrincipal, Condition }) => {
    const isEverybody = JSON.stringify(Principal ?? "").includes('"*"');
    return NotPrincipal !== undefined || (isEverybody && Condition === undefined);
  });
  expect(open.map(nameOf)).toEqual([]);
});

test("only one statement of a secret's policy denies, and it denies nobody the secret's management", () => {
  const denials = statements.filter(({ Effect }) => Effect === "Deny");
  expect(denials.map(({ where, Action }) => ({ where, Action }))).toEqual([
    {
      where: "acme-secret policy",
      Action: [
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
      ],
    },
  ]);
});

test("administrators of a key cannot decrypt with it", () => {
  const administration = statements.filter(({ Sid }) => Sid === "Administer");
  expect(administration).toHaveLength(2);
  for (const { Action } of administration) {
    expect(listed(Action).join()).not.toMatch(/Decrypt|Encrypt|GenerateDataKey|CreateGrant/);
  }
});

test("keys rotate, and the secrets' key works through Secrets Manager alone", () => {
  const keys = ofType(program, "aws:kms/key:Key");
  expect(keys.map(({ inputs }) => inputs["enableKeyRotation"])).toEqual([true, true]);
  const uses = statements.filter(
    ({ where, Sid }) => where === "secrets-key policy" && Sid !== "Administer",
  );
  expect(uses.length).toBeGreaterThanOrEqual(2);
  for (const { Condition } of uses) {
    expect(Condition?.["StringEquals"]?.["kms:ViaService"]).toBe(
      "secretsmanager.us-east-1.amazonaws.com",
    );
    expect(JSON.stringify(Condition)).toContain("kms:EncryptionContext:SecretARN");
  }
});

test("a service calls a function only for a resource of this account", () => {
  const permissions = ofType(program, "aws:lambda/permission:Permission");
  expect(permissions.map(({ inputs }) => inputs["principal"]).sort()).toEqual([
    "apigateway.amazonaws.com",
    "secretsmanager.amazonaws.com",
  ]);
  for (const { inputs } of permissions) {
    expect(inputs["action"]).toBe("lambda:InvokeFunction");
    expect(inputs["sourceArn"]).toMatch(/^arn:aws:[\w-]+:us-east-1:000000000000:/);
    // The ARN of an API names the account, and API Gateway gives no other; a secret's name could be anybody's.
    if (inputs["principal"] === "secretsmanager.amazonaws.com") {
      expect(inputs["sourceAccount"]).toBe("000000000000");
      expect(inputs["sourceArn"]).toBe(`${SECRETS}/stores/*`);
    }
  }
});

test("roles are taken by one service each, and nobody else", () => {
  const trusts = statements.filter(({ where }) => where.endsWith("assumeRolePolicy"));
  expect(trusts.length).toBeGreaterThanOrEqual(FUNCTION_ROLES.length);
  for (const { Principal, Action } of trusts) {
    expect(Action).toBe("sts:AssumeRole");
    expect(Principal).toEqual({ Service: expect.stringMatching(/^(?:lambda|scheduler)\./) });
  }
});

test("only schedules of this account make EventBridge Scheduler call the sweep", () => {
  const trusts = statements.filter(({ Principal }) =>
    JSON.stringify(Principal ?? "").includes("scheduler."),
  );
  expect(trusts.map(({ Condition }) => Condition)).toEqual([
    {
      StringEquals: { "aws:SourceAccount": "000000000000" },
      ArnEquals: {
        "aws:SourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default",
      },
    },
  ]);
});

test("logs end some day", () => {
  const retentions = ofType(program, "aws:cloudwatch/logGroup:LogGroup").map(
    ({ inputs }) => inputs["retentionInDays"],
  );
  expect(retentions).toEqual(ROLES.map(() => 90));
});
