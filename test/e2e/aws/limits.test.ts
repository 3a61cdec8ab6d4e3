import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ApiGatewayV2Client,
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CloudWatchClient,
  PutDashboardCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import {
  CreateTopicCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from "@aws-sdk/client-sns";
import { createFunction, createRole, outcomeOf } from "./account";
import { AwsWorld } from "./aws-world";
import { zipOf } from "./zip-of";

let world: AwsWorld;
let clients: ReturnType<typeof clientsOf>;
let roleArn: string;
let callerArn: string;
let functionArn: string;
let topicArn: string;
let keyId: string;
let apiId: string;

function clientsOf(endpoint: string) {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const config = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  return {
    alarms: new CloudWatchClient(config),
    gateway: new ApiGatewayV2Client(config),
    iam: new IAMClient(config),
    kms: new KMSClient(config),
    lambda: new LambdaClient(config),
    logs: new CloudWatchLogsClient(config),
    scheduler: new SchedulerClient(config),
    sns: new SNSClient(config),
  };
}

beforeAll(async () => {
  world = await AwsWorld.start();
  clients = clientsOf(world.front.url);
  roleArn = await createRole(world, "limits", {});
  callerArn = await createRole(world, "caller", { service: "scheduler.amazonaws.com" });
  const source = "exports.handler = async () => 1;";
  functionArn = await createFunction(world, "limits", { roleArn, source });
  topicArn = (await clients.sns.send(new CreateTopicCommand({ Name: "limits" }))).TopicArn ?? "";
  keyId = (await clients.kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";
  const api = await clients.gateway.send(
    new CreateApiCommand({ Name: "limits", ProtocolType: "HTTP" }),
  );
  apiId = api.ApiId ?? "";
  await clients.logs.send(new CreateLogGroupCommand({ logGroupName: "limits" }));
});

afterAll(async () => {
  // What the models forbid is what this file is about.
  world.front.takeViolations();
  await world.stop();
});

type Send = () => Promise<unknown>;
type Row = readonly [what: string, code: string, send: Send];

const statement = (about: object) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*", ...about }],
  });
const trust = (about: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
        ...about,
      },
    ],
  });

const role =
  (RoleName: string, about: object = {}): Send =>
  () =>
    clients.iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(), ...about }),
    );
const inline =
  (PolicyDocument: string, PolicyName = "one"): Send =>
  () =>
    clients.iam.send(new PutRolePolicyCommand({ RoleName: "limits", PolicyName, PolicyDocument }));
const key =
  (Policy: string): Send =>
  () =>
    clients.kms.send(new CreateKeyCommand({ Policy }));
const alias =
  (AliasName: string): Send =>
  () =>
    clients.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
const lambda =
  (about: object): Send =>
  () =>
    clients.lambda.send(
      new CreateFunctionCommand({
        FunctionName: "other",
        Role: roleArn,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Code: { ZipFile: zipOf("index.js", "exports.handler = async () => 1;") },
        ...about,
      }),
    );
const permission =
  (about: object): Send =>
  () =>
    clients.lambda.send(
      new AddPermissionCommand({
        FunctionName: functionArn,
        StatementId: "One",
        Action: "lambda:InvokeFunction",
        Principal: "secretsmanager.amazonaws.com",
        ...about,
      }),
    );
const schedule =
  (about: object, target: object = {}): Send =>
  () =>
    clients.scheduler.send(
      new CreateScheduleCommand({
        Name: "limits",
        ScheduleExpression: "rate(10 minutes)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: { Arn: functionArn, RoleArn: callerArn, ...target },
        ...about,
      }),
    );
const alarm =
  (about: object): Send =>
  () =>
    clients.alarms.send(
      new PutMetricAlarmCommand({
        AlarmName: "one",
        MetricName: "Errors",
        Namespace: "AWS/Lambda",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        ...about,
      }),
    );
const logs =
  (logGroupName: string, about: object = {}): Send =>
  () =>
    clients.logs.send(new CreateLogGroupCommand({ logGroupName, ...about }));
const retention =
  (retentionInDays: number): Send =>
  () =>
    clients.logs.send(new PutRetentionPolicyCommand({ logGroupName: "limits", retentionInDays }));
const publish =
  (about: object): Send =>
  () =>
    clients.sns.send(new PublishCommand({ TopicArn: topicArn, Message: "one", ...about }));
const api =
  (about: object): Send =>
  () =>
    clients.gateway.send(new CreateApiCommand({ Name: "one", ProtocolType: "HTTP", ...about }));
const route =
  (RouteKey: string): Send =>
  () =>
    clients.gateway.send(new CreateRouteCommand({ ApiId: apiId, RouteKey }));
const integration =
  (about: object): Send =>
  () =>
    clients.gateway.send(
      new CreateIntegrationCommand({
        ApiId: apiId,
        IntegrationType: "AWS_PROXY",
        IntegrationUri: functionArn,
        PayloadFormatVersion: "2.0",
        ...about,
      }),
    );

const MALFORMED = "MalformedPolicyDocumentException";
const INVALID = "ValidationError";
/** What the SDK makes of it in CloudWatch's newer protocols. */
const ALARM = "ValidationException";
const LONG = (length: number) => "a".repeat(length);

/** What the service models refuse by themselves, and what AWS's documentation refuses beside them. */
const ROWS: readonly Row[] = [
  ["a role's name of 65", INVALID, role(LONG(65))],
  ["a role's name with a slash", INVALID, role("a/b")],
  ["a session of 3,599 seconds", INVALID, role("short", { MaxSessionDuration: 3_599 })],
  ["a role's description of 1,001", INVALID, role("long", { Description: LONG(1_001) })],
  ["a role's path without slashes", INVALID, role("path", { Path: "a" })],
  ["a trust that is no JSON", MALFORMED, role("one", { AssumeRolePolicyDocument: "{no" })],
  [
    "a trust with a resource",
    MALFORMED,
    role("one", { AssumeRolePolicyDocument: trust({ Resource: "*" }) }),
  ],
  [
    "a trust in nobody",
    MALFORMED,
    role("one", { AssumeRolePolicyDocument: trust({ Principal: undefined }) }),
  ],
  [
    "a trust without a version that is known",
    MALFORMED,
    role("one", { AssumeRolePolicyDocument: trust().replace("2012", "2011") }),
  ],
  [
    "a trust of 2,049 characters",
    "LimitExceededException",
    role("one", { AssumeRolePolicyDocument: trust({ Sid: LONG(2_049) }) }),
  ],
  ["a policy's name with a blank", INVALID, inline(statement({}), "one two")],
  ["a policy's name of 129", INVALID, inline(statement({}), LONG(129))],
  ["a policy that is no JSON", MALFORMED, inline("{no")],
  ["a policy without statements", MALFORMED, inline('{"Version":"2012-10-17","Statement":[]}')],
  ["an action without a service", MALFORMED, inline(statement({ Action: "GetObject" }))],
  ["no action", MALFORMED, inline(statement({ Action: undefined }))],
  ["a resource that is no ARN", MALFORMED, inline(statement({ Resource: "bucket" }))],
  ["no resource", MALFORMED, inline(statement({ Resource: undefined }))],
  ["a principal in an identity's policy", MALFORMED, inline(statement({ Principal: "*" }))],
  ["a Sid with a hyphen", MALFORMED, inline(statement({ Sid: "read-it" }))],
  ["an effect that is none", MALFORMED, inline(statement({ Effect: "Permit" }))],
  ["an element that is none", MALFORMED, inline(statement({ Resources: "*" }))],
  [
    "a policy of 10,241 characters",
    "LimitExceededException",
    inline(statement({ Sid: LONG(10_241) })),
  ],
  ["a key policy that is no JSON", MALFORMED, key("{no")],
  ["a key policy without principals", MALFORMED, key(statement({ Action: "kms:*" }))],
  [
    "a key policy that locks its author out",
    MALFORMED,
    key(statement({ Action: "kms:*", Principal: { AWS: "arn:aws:iam::111122223333:root" } })),
  ],
  [
    "a key's description of 8,193",
    "ValidationException",
    () => clients.kms.send(new CreateKeyCommand({ Description: LONG(8_193) })),
  ],
  ["an alias with a dot", "ValidationException", alias("alias/a.b")],
  ["an alias of AWS's", "InvalidAliasNameException", alias("alias/aws/mine")],
  ["an alias without its head", "InvalidAliasNameException", alias("mine")],
  ["a function's name with a dot", "ValidationException", lambda({ FunctionName: "a.b" })],
  ["a function's name of 65", "ValidationException", lambda({ FunctionName: LONG(171) })],
  ["127 megabytes", "ValidationException", lambda({ MemorySize: 127 })],
  ["a runtime that is none", "ValidationException", lambda({ Runtime: "nodejs9.x" })],
  ["an architecture that is none", "ValidationException", lambda({ Architectures: ["mips"] })],
  ["a handler with a blank", "ValidationException", lambda({ Handler: "index handler" })],
  ["a function's description of 257", "ValidationException", lambda({ Description: LONG(257) })],
  ["a time-out of 901 seconds", "ValidationException", lambda({ Timeout: 901 })],
  [
    "a variable with a hyphen",
    "ValidationException",
    lambda({ Environment: { Variables: { "a-b": "c" } } }),
  ],
  [
    "a variable of Lambda's own",
    "InvalidParameterValueException",
    lambda({ Environment: { Variables: { AWS_REGION: "x" } } }),
  ],
  [
    "variables of more than 4 KB",
    "InvalidParameterValueException",
    lambda({ Environment: { Variables: { one: LONG(4_096) } } }),
  ],
  ["a statement's ID with a dot", "ValidationException", permission({ StatementId: "a.b" })],
  [
    "a permission for an action that is none",
    "ValidationException",
    permission({ Action: "invoke" }),
  ],
  [
    "a permission for nobody",
    "InvalidParameterValueException",
    permission({ Principal: "somebody" }),
  ],
  ["a source account that is none", "ValidationException", permission({ SourceAccount: "12" })],
  ["a schedule's name of 65", "ValidationException", schedule({ Name: LONG(65) })],
  ["a schedule's name with a slash", "ValidationException", schedule({ Name: "a/b" })],
  ["rate(10 minute)", "ValidationException", schedule({ ScheduleExpression: "rate(10 minute)" })],
  ["rate(1 minutes)", "ValidationException", schedule({ ScheduleExpression: "rate(1 minutes)" })],
  ["rate(0 minutes)", "ValidationException", schedule({ ScheduleExpression: "rate(0 minutes)" })],
  [
    "a cron of five fields",
    "ValidationException",
    schedule({ ScheduleExpression: "cron(0 1 * * ?)" }),
  ],
  [
    "a cron with two stars for days",
    "ValidationException",
    schedule({ ScheduleExpression: "cron(0 1 * * * *)" }),
  ],
  [
    "a time zone that is none",
    "ValidationException",
    schedule({ ScheduleExpressionTimezone: "Mars/Base" }),
  ],
  [
    "186 retries",
    "ValidationException",
    schedule({}, { RetryPolicy: { MaximumRetryAttempts: 186 } }),
  ],
  [
    "an event's age of 59 seconds",
    "ValidationException",
    schedule({}, { RetryPolicy: { MaximumEventAgeInSeconds: 59 } }),
  ],
  ["a target that is no ARN", "ValidationException", schedule({}, { Arn: "sweep" })],
  ["an input that is no JSON", "ValidationException", schedule({}, { Input: "{no" })],
  ["an alarm's operator that is none", ALARM, alarm({ ComparisonOperator: "Above" })],
  ["a statistic that is none", ALARM, alarm({ Statistic: "Median" })],
  ["an alarm's name of 256", ALARM, alarm({ AlarmName: LONG(256) })],
  [
    "six actions",
    ALARM,
    alarm({
      AlarmActions: Array.from({ length: 6 }, (_, n) => `arn:aws:sns:us-east-1:000000000000:t${n}`),
    }),
  ],
  ["an action that is no ARN", ALARM, alarm({ AlarmActions: ["topic"] })],
  ["a period of 61 seconds", ALARM, alarm({ Period: 61 })],
  ["more than a day of periods", ALARM, alarm({ Period: 600, EvaluationPeriods: 145 })],
  ["more points than periods", ALARM, alarm({ EvaluationPeriods: 1, DatapointsToAlarm: 2 })],
  ["a log group's name with a blank", "InvalidParameterException", logs("a b")],
  ["a log group's name of 513", "InvalidParameterException", logs(LONG(513))],
  ["empty tags of a log group", "InvalidParameterException", logs("tagged", { tags: {} })],
  ["a retention of 91 days", "InvalidParameterException", retention(91)],
  ["a subject with a line break", "InvalidParameterException", publish({ Subject: "a\nb" })],
  ["a subject of 101", "InvalidParameterException", publish({ Subject: LONG(101) })],
  ["a subject that is no ASCII", "InvalidParameterException", publish({ Subject: "é" })],
  [
    "a topic's name with a dot",
    "InvalidParameterException",
    () => clients.sns.send(new CreateTopicCommand({ Name: "a.b" })),
  ],
  [
    "a topic policy that is no JSON",
    "InvalidParameterException",
    () =>
      clients.sns.send(
        new SetTopicAttributesCommand({
          TopicArn: topicArn,
          AttributeName: "Policy",
          AttributeValue: "{no",
        }),
      ),
  ],
  ["an API's protocol that is none", "BadRequestException", api({ ProtocolType: "SOAP" })],
  ["a route without a method", "BadRequestException", route("/callback")],
  ["a route with a method that is none", "BadRequestException", route("FETCH /callback")],
  [
    "an integration of 30,001 milliseconds",
    "BadRequestException",
    integration({ TimeoutInMillis: 30_001 }),
  ],
  [
    "an integration of a type that is none",
    "BadRequestException",
    integration({ IntegrationType: "LAMBDA" }),
  ],
  [
    "an integration without its payload's version",
    "BadRequestException",
    integration({ PayloadFormatVersion: undefined }),
  ],
];

const managed =
  (PolicyDocument: string): Send =>
  () =>
    clients.iam.send(new CreatePolicyCommand({ PolicyName: "managed", PolicyDocument }));
const keyOf = (who: string, about: object = {}) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "kms:*",
        Resource: "*",
        Principal: { AWS: "arn:aws:iam::000000000000:root" },
        ...about,
      },
      { Effect: "Allow", Action: "kms:Decrypt", Resource: "*", Principal: { AWS: who } },
    ],
  });
const ROOT = "arn:aws:iam::000000000000:root";
const retries =
  (about: object): Send =>
  () =>
    clients.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: functionArn, ...about }),
    );
const IDS = (head: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${head}-0123abc${n.toString(16)}`);
const dashboard =
  (DashboardBody: string): Send =>
  () =>
    clients.alarms.send(new PutDashboardCommand({ DashboardName: "limits", DashboardBody }));
const stage =
  (StageName: string): Send =>
  () =>
    clients.gateway.send(new CreateStageCommand({ ApiId: apiId, StageName }));
const twice =
  (send: Send): Send =>
  async () => {
    await send();
    await send();
  };

/** What depends on what is there already, and more of what the documentation says. */
const MORE: readonly Row[] = [
  ["a tag without a key", INVALID, role("one", { Tags: [{ Key: "", Value: "x" }] })],
  [
    "51 tags of a role",
    INVALID,
    role("one", { Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `t${n}`, Value: "x" })) }),
  ],
  [
    "a tag twice",
    "InvalidInputException",
    role("one", {
      Tags: [
        { Key: "team", Value: "x" },
        { Key: "Team", Value: "y" },
      ],
    }),
  ],
  [
    "a tag of AWS's",
    "InvalidInputException",
    role("one", { Tags: [{ Key: "AWS:x", Value: "x" }] }),
  ],
  ["a role twice", "EntityAlreadyExistsException", twice(role("twice"))],
  [
    "a policy of no role",
    "NoSuchEntityException",
    () =>
      clients.iam.send(
        new PutRolePolicyCommand({
          RoleName: "nobody",
          PolicyName: "one",
          PolicyDocument: statement({}),
        }),
      ),
  ],
  [
    "the deletion of a role that has policies",
    "DeleteConflictException",
    async () => {
      await inline(statement({}), "kept")();
      await clients.iam.send(new DeleteRoleCommand({ RoleName: "limits" }));
    },
  ],
  [
    "a managed policy of 6,145 characters",
    "LimitExceededException",
    managed(statement({ Sid: LONG(6_145) })),
  ],
  [
    "a key policy that names a role which does not exist",
    MALFORMED,
    key(keyOf("arn:aws:iam::000000000000:role/nobody")),
  ],
  [
    "a key policy of more than 32 KB",
    "LimitExceededException",
    key(keyOf(ROOT, { Sid: LONG(32_768) })),
  ],
  ["an alias twice", "AlreadyExistsException", twice(alias("alias/twice"))],
  [
    "an alias of no key",
    "NotFoundException",
    () =>
      clients.kms.send(
        new CreateAliasCommand({
          AliasName: "alias/nothing",
          TargetKeyId: "11111111-2222-3333-4444-555555555555",
        }),
      ),
  ],
  [
    "a key's deletion in six days",
    "ValidationException",
    () =>
      clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 6 })),
  ],
  ["a function without a handler's name", "ValidationException", lambda({ Handler: "" })],
  ["a time-out of no second", "ValidationException", lambda({ Timeout: 0 })],
  ["a role that is no ARN", "ValidationException", lambda({ Role: "limits" })],
  [
    "a role that Lambda may not assume",
    "InvalidParameterValueException",
    () => lambda({ Role: callerArn })(),
  ],
  [
    "17 subnets",
    "ValidationException",
    lambda({ VpcConfig: { SubnetIds: IDS("subnet", 17), SecurityGroupIds: IDS("sg", 1) } }),
  ],
  [
    "six security groups",
    "ValidationException",
    lambda({ VpcConfig: { SubnetIds: IDS("subnet", 1), SecurityGroupIds: IDS("sg", 6) } }),
  ],
  ["a function twice", "ResourceConflictException", () => lambda({ FunctionName: "limits" })()],
  [
    "a permission twice",
    "ResourceConflictException",
    twice(() => permission({ StatementId: "Twice" })()),
  ],
  [
    "a call of no function",
    "ResourceNotFoundException",
    () => clients.lambda.send(new InvokeCommand({ FunctionName: "nothing" })),
  ],
  [
    "three retries of Lambda's own",
    "ValidationException",
    () => retries({ MaximumRetryAttempts: 3 })(),
  ],
  [
    "an event that waits for 59 seconds",
    "ValidationException",
    () => retries({ MaximumEventAgeInSeconds: 59 })(),
  ],
  ["a schedule twice", "ConflictException", twice(() => schedule({ Name: "twice" })())],
  [
    "a schedule in no group",
    "ResourceNotFoundException",
    () => schedule({ GroupName: "nothing" })(),
  ],
  [
    "a flexible window without its minutes",
    "ValidationException",
    () => schedule({ FlexibleTimeWindow: { Mode: "FLEXIBLE" } })(),
  ],
  [
    "a schedule whose role does not trust it",
    "ValidationException",
    () => schedule({}, { RoleArn: roleArn })(),
  ],
  ["an alarm of no period", ALARM, alarm({ EvaluationPeriods: 0 })],
  ["an alarm over nothing", ALARM, alarm({ MetricName: undefined, Namespace: undefined })],
  ["a dashboard that is no JSON", "DashboardInvalidInputError", dashboard("{no")],
  ["a log group twice", "ResourceAlreadyExistsException", twice(logs("twice"))],
  [
    "a retention of no log group",
    "ResourceNotFoundException",
    () =>
      clients.logs.send(
        new PutRetentionPolicyCommand({ logGroupName: "nothing", retentionInDays: 90 }),
      ),
  ],
  [
    "a topic's name of 257",
    "InvalidParameterException",
    () => clients.sns.send(new CreateTopicCommand({ Name: LONG(257) })),
  ],
  ["an empty message", "InvalidParameterException", publish({ Message: "" })],
  [
    "a message of more than 256 KB",
    "InvalidParameterException",
    publish({ Message: LONG(262_145) }),
  ],
  [
    "a message to no topic",
    "NotFoundException",
    publish({ TopicArn: "arn:aws:sns:us-east-1:000000000000:nothing" }),
  ],
  [
    "a topic's setting that is none",
    "InvalidParameterException",
    () =>
      clients.sns.send(
        new SetTopicAttributesCommand({
          TopicArn: topicArn,
          AttributeName: "Colour",
          AttributeValue: "red",
        }),
      ),
  ],
  ["a route twice", "ConflictException", twice(() => route("GET /twice")())],
  [
    "a route to no integration",
    "NotFoundException",
    () =>
      clients.gateway.send(
        new CreateRouteCommand({
          ApiId: apiId,
          RouteKey: "GET /nowhere",
          Target: "integrations/nothing",
        }),
      ),
  ],
  ["a stage twice", "ConflictException", twice(() => stage("twice")())],
  ["a stage's name with a blank", "BadRequestException", () => stage("a b")()],
  [
    "a route of no API",
    "NotFoundException",
    () => clients.gateway.send(new CreateRouteCommand({ ApiId: "nothing", RouteKey: "GET /one" })),
  ],
];

test.each(MORE)("AWS refuses %s with %s", async (_what, code, send) => {
  expect((await outcomeOf(send())).split(":")[0]).toBe(code);
});

test.each(ROWS)("AWS refuses %s with %s", async (_what, code, send) => {
  expect((await outcomeOf(send())).split(":")[0]).toBe(code);
});

test("the page of assumptions says how many refusals are held", () => {
  const page = readFileSync(join(__dirname, "../../../docs/assumptions.md"), "utf8");
  expect(page).toContain(`holds ${ROWS.length + MORE.length} refusals`);
});

test("AWS takes what lies just within", async () => {
  const within: readonly Send[] = [
    role(LONG(64)),
    inline(statement({ Sid: "Read1" })),
    alias("alias/shopify/dev/secrets"),
    permission({}),
    schedule({ ScheduleExpression: "cron(0 1/8 * * ? *)" }, { Input: '{"action":"sweep"}' }),
    alarm({ Period: 600, EvaluationPeriods: 144 }),
    retention(90),
    publish({ Subject: "[shopify-secrets] acme: dead (token_dead)" }),
    route("GET /install/{store}"),
    integration({}),
  ];
  for (const send of within) expect(await outcomeOf(send())).toBe("allowed");
});
