import { boundaryArnOf, boundaryPolicy } from "../../contract/boundary-policy";
import { deployerPolicies } from "../../contract/deployer-policy";
import { FUNCTION_ROLES, LARGE_FLEET_ROLES } from "../../contract/names";
import { parseFleet } from "../../infra/config/parse-fleet";
import { provisionFleet } from "../../infra/fleet";
import type { Statement } from "../../infra/policies/statement";
import { allows, type Question } from "../assumptions/iam-evaluation";
import { reading } from "../infra/config/at";
import { ofType, policyIn, type Recorded, recordResources } from "../infra/recorded";
import { SMALL_STACK } from "../infra/small-stack";
import { stubBundles } from "../infra/stub-bundles";

const PREFIX = "shopify/test";
const PLACE = { partition: "aws", region: "us-east-1", accountId: "000000000000" };
const TOPIC = "arn:aws:sns:us-east-1:000000000000:pager";
const KEY = "arn:aws:kms:us-east-1:000000000000:key/aaaaaaaa-2222-3333-4444-555555555555";

const CONFIG = {
  permissionsBoundary: boundaryArnOf({ place: PLACE, prefix: PREFIX }),
  ...SMALL_STACK,
};

/** Settings that give roles other rights, and what the boundary's command is told of them. */
const STACKS = {
  "of every kind": [CONFIG, {}],
  "in a VPC": [
    { ...CONFIG, vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } },
    { vpc: true },
  ],
  "with a topic of its own": [{ ...CONFIG, alarms: { topicArn: TOPIC } }, { topicArn: TOPIC }],
  "with keys of its own": [{ ...CONFIG, kmsKeyArn: KEY, formerRefreshKeyArns: [KEY] }, {}],
  "whose sweep sends its work": [{ ...CONFIG, workQueue: true }, { workQueue: true }],
  "with everything at the install endpoint": [
    {
      ...CONFIG,
      installEndpoint: true,
      installDomain: "install.example.com",
      installOnlyOwnDomain: true,
      installConcurrency: 5,
      installAccessLog: true,
    },
    {},
  ],
} as const;

const bundles = stubBundles();

afterAll(() => bundles.remove());

/** A right that the program gives a role: the role, and what IAM is asked when the role uses it. */
interface Right {
  readonly role: string;
  readonly question: Question;
}

async function programOf(config: Readonly<Record<string, unknown>>): Promise<Recorded[]> {
  const { fleet, problems } = parseFleet(config, reading(PREFIX));
  expect(problems).toEqual([]);
  return await recordResources(() => {
    provisionFleet(fleet, { bundlesFolder: bundles.folder });
  });
}

async function rightsOf(config: Readonly<Record<string, unknown>>): Promise<Right[]> {
  const program = await programOf(config);
  return ofType(program, "aws:iam/rolePolicy:RolePolicy").flatMap((policy) => {
    const { Statement: statements } = policyIn(policy, "policy") as { Statement: Statement[] };
    return statements
      .flatMap(questionsOf)
      .map((question) => ({ role: String(policy.inputs["role"]), question }));
  });
}

/** One question for each action on each resource, under the first circumstances that the statement names. */
function questionsOf({ Action, Resource, Condition = {} }: Statement): Question[] {
  const named = Object.values(Condition).flatMap((keys) => Object.entries(keys));
  const context = Object.fromEntries(
    named.map(([key, value]) => [key, one([value].flat()[0] as string)]),
  );
  return Action.flatMap((action) =>
    [Resource].flat().map((resource) => ({ action, resource: one(resource as string), context })),
  );
}

const one = (pattern: string): string => pattern.replaceAll("*", "any");

describe("a boundary leaves a stack's roles all that the program gives them", () => {
  test.each(Object.entries(STACKS))("%s", async (_what, [config, bounds]) => {
    const limits = boundaryPolicy({ place: PLACE, prefix: PREFIX, vpc: false, ...bounds });
    const { Statement: statements } = JSON.parse(limits) as { Statement: Statement[] };
    const rights = await rightsOf(config);
    const roles = [...FUNCTION_ROLES, ...("workQueue" in config ? LARGE_FLEET_ROLES : [])];
    expect(new Set(rights.map(({ role }) => role)).size).toBe(roles.length + 1);
    const lost = rights
      .filter(({ question }) => !allows(statements, question))
      .map(({ role, question }) => `${role}: ${question.action} on ${question.resource}`);
    expect(lost).toEqual([]);
  });
});

/** What making a resource asks of the deployer, by the resource's name. */
const MAKING: Readonly<Record<string, readonly [string, (name: string) => string]>> = {
  "aws:cloudwatch/dashboard:Dashboard": [
    "cloudwatch:PutDashboard",
    (name) => `arn:aws:cloudwatch::000000000000:dashboard/${name}`,
  ],
  "aws:cloudwatch/logGroup:LogGroup": [
    "logs:CreateLogGroup",
    (name) => arn("logs", `log-group:${name}`),
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    "cloudwatch:PutMetricAlarm",
    (name) => arn("cloudwatch", `alarm:${name}`),
  ],
  "aws:iam/role:Role": ["iam:CreateRole", (name) => `arn:aws:iam::000000000000:role/${name}`],
  "aws:kms/alias:Alias": ["kms:CreateAlias", (name) => arn("kms", name)],
  "aws:lambda/function:Function": [
    "lambda:CreateFunction",
    (name) => arn("lambda", `function:${name}`),
  ],
  "aws:scheduler/schedule:Schedule": [
    "scheduler:CreateSchedule",
    (name) => arn("scheduler", `schedule/default/${name}`),
  ],
  "aws:secretsmanager/secret:Secret": [
    "secretsmanager:CreateSecret",
    (name) => arn("secretsmanager", `secret:${name}-AbCdEf`),
  ],
  "aws:sqs/queue:Queue": ["sqs:CreateQueue", (name) => arn("sqs", name)],
  "aws:sns/topic:Topic": ["sns:CreateTopic", (name) => arn("sns", name)],
};

/** An API's name says nothing: policies know it by its tag. */
const NAMED_BY_AWS = ["aws:apigatewayv2/api:Api", "aws:apigatewayv2/stage:Stage"];

const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:000000000000:${rest}`;

describe("a deployer may make everything that the program names", () => {
  const bound = { boundaryArn: CONFIG.permissionsBoundary };

  const cases = Object.entries(STACKS).flatMap(([what, [config, about]]) =>
    [{}, bound].map((bounds) => ({
      what: "boundaryArn" in bounds ? `${what}, bounded` : what,
      config,
      about: { ...about, ...bounds },
    })),
  );

  test.each(cases)("$what", async ({ config, about }) => {
    const policies = deployerPolicies({
      place: PLACE,
      prefix: PREFIX,
      vpc: false,
      accessLog: "installAccessLog" in config,
      ...about,
    });
    const statements = policies.flatMap(
      (policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement,
    );
    const named = (await programOf(config)).filter(
      ({ type, inputs }) => inputs["name"] !== undefined && !NAMED_BY_AWS.includes(type),
    );
    const context = { "iam:PermissionsBoundary": CONFIG.permissionsBoundary };
    const refused = named.filter(({ type, inputs }) => {
      const [action, resourceOf] = MAKING[type] ?? ["", () => ""];
      return !allows(statements, { action, resource: resourceOf(String(inputs["name"])), context });
    });
    expect(named.length).toBeGreaterThan(20);
    expect(refused.map(({ type, inputs }) => `${type} ${inputs["name"]}`)).toEqual([]);
  });
});
