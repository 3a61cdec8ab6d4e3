import { ApiGatewayV2Client, CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DeleteObjectCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsReply } from "../../local/aws/aws-request";
import { patternOf } from "../../local/aws/models/check-shape";
import { refusalOf } from "../../local/aws/models/errors";
import { secondOpinionOf } from "../../local/aws/models/second-opinion";
import { readServiceModels, type ServiceModels } from "../../local/aws/models/service-model";
import { ensureEmulator, SILENT_PROGRESS } from "../../local/toolchain";
import { type Capture, jsonReply, startCapture, xmlReply } from "./captured";

let models: ServiceModels;
let capture: Capture;

beforeAll(async () => {
  models = readServiceModels((await ensureEmulator(SILENT_PROGRESS)).serviceModelsFolder);
  capture = await startCapture();
}, 600_000);

afterAll(() => capture?.close());

/** One service: a request as it should be and one that is wrong in one place, and the same of an answer. */
interface Planted {
  readonly service: string;
  send(endpoint: string, isWrong: boolean): Promise<unknown>;
  /** Where the wrong request is wrong, and what AWS says to it. */
  readonly request: readonly [path: string, code: string];
  readonly answer: AwsReply;
  readonly wrongAnswer: AwsReply;
  /** Where the wrong answer is wrong. */
  readonly inAnswer: string;
}

const ROLE = "arn:aws:iam::000000000000:role/one";
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
});
const KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const IDENTITY = (account: string) =>
  xmlReply(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>AROA:${account}</AssumedRoleId><Arn>arn:aws:sts::000000000000:assumed-role/one/session</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
  );
const ROLE_ANSWER = (name: string) =>
  xmlReply(
    `<CreateRoleResponse><CreateRoleResult><Role><Path>/</Path><RoleName>${name}</RoleName><RoleId>AROAEXAMPLEEXAMPLE</RoleId><Arn>${ROLE}</Arn><CreateDate>2026-11-02T00:00:00Z</CreateDate></Role></CreateRoleResult></CreateRoleResponse>`,
  );
const config = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});

const PLANTED: readonly Planted[] = [
  {
    service: "apigateway",
    send: (endpoint, isWrong) =>
      new ApiGatewayV2Client(config(endpoint)).send(
        new CreateApiCommand({ Name: "one", ProtocolType: isWrong ? ("SOAP" as "HTTP") : "HTTP" }),
      ),
    request: ["protocolType", "BadRequestException"],
    answer: jsonReply({ name: "one", protocolType: "HTTP", routeSelectionExpression: "x" }, 201),
    wrongAnswer: jsonReply({ name: "one", protocolType: "SOAP" }, 201),
    inAnswer: "protocolType",
  },
  {
    service: "iam",
    send: (endpoint, isWrong) =>
      new IAMClient(config(endpoint)).send(
        new CreateRoleCommand({
          RoleName: "r".repeat(isWrong ? 65 : 64),
          AssumeRolePolicyDocument: TRUST,
        }),
      ),
    request: ["roleName", "ValidationError"],
    answer: ROLE_ANSWER("one"),
    wrongAnswer: ROLE_ANSWER("r".repeat(65)),
    inAnswer: "role.roleName",
  },
  {
    service: "kms",
    send: (endpoint, isWrong) =>
      new KMSClient(config(endpoint)).send(
        new DescribeKeyCommand({ KeyId: isWrong ? "k".repeat(2049) : KEY_ID }),
      ),
    request: ["keyId", "ValidationException"],
    answer: jsonReply({ KeyMetadata: { KeyId: KEY_ID, KeyState: "Enabled" } }),
    wrongAnswer: jsonReply({ KeyMetadata: { KeyId: KEY_ID, KeyState: "Sleeping" } }),
    inAnswer: "keyMetadata.keyState",
  },
  {
    service: "lambda",
    send: (endpoint, isWrong) =>
      new LambdaClient(config(endpoint)).send(
        new GetFunctionConfigurationCommand({ FunctionName: isWrong ? "with space" : "one" }),
      ),
    request: ["functionName", "ValidationException"],
    answer: jsonReply({ FunctionName: "one", State: "Active", MemorySize: 128 }),
    wrongAnswer: jsonReply({ FunctionName: "one", State: "Active", StateReasonCode: "" }),
    inAnswer: "stateReasonCode",
  },
  {
    service: "logs",
    send: (endpoint, isWrong) =>
      new CloudWatchLogsClient(config(endpoint)).send(
        new CreateLogGroupCommand({ logGroupName: "one", ...(isWrong ? { tags: {} } : {}) }),
      ),
    request: ["tags", "InvalidParameterException"],
    answer: jsonReply({}),
    wrongAnswer: jsonReply({ __type: "NoSuchThingException" }, 400),
    inAnswer: "",
  },
  {
    service: "monitoring",
    send: (endpoint, isWrong) =>
      new CloudWatchClient(config(endpoint)).send(
        new DescribeAlarmsCommand({ MaxRecords: isWrong ? 101 : 100 }),
      ),
    request: ["maxRecords", "ValidationError"],
    answer: jsonReply({ MetricAlarms: [{ AlarmName: "one", StateValue: "OK" }] }),
    wrongAnswer: jsonReply({ MetricAlarms: [{ AlarmName: "", StateValue: "OK" }] }),
    inAnswer: "metricAlarms.1.member.alarmName",
  },
  {
    service: "scheduler",
    send: (endpoint, isWrong) =>
      new SchedulerClient(config(endpoint)).send(
        new GetScheduleCommand({ Name: "s".repeat(isWrong ? 65 : 64) }),
      ),
    request: ["name", "ValidationException"],
    answer: jsonReply({ Name: "one", State: "ENABLED", CreationDate: 1_796_000_000 }),
    wrongAnswer: jsonReply({ Name: "one", State: "ENABLED", CreationDate: "2026-11-02" }),
    inAnswer: "creationDate",
  },
  {
    service: "secretsmanager",
    send: (endpoint, isWrong) =>
      new SecretsManagerClient(config(endpoint)).send(
        new GetSecretValueCommand({
          SecretId: "one",
          VersionId: isWrong ? "short" : "v".repeat(32),
        }),
      ),
    request: ["versionId", "ValidationException"],
    answer: jsonReply({ Name: "one", VersionId: "v".repeat(32), VersionStages: ["AWSCURRENT"] }),
    wrongAnswer: jsonReply({ Name: "one", VersionId: "v".repeat(32), VersionStages: [] }),
    inAnswer: "versionStages",
  },
  {
    service: "sns",
    send: (endpoint, isWrong) =>
      new SNSClient(config(endpoint)).send(
        new CreateTopicCommand({ Name: "one", Tags: [{ Key: isWrong ? "" : "team", Value: "x" }] }),
      ),
    request: ["tags.1.member.key", "ValidationError"],
    answer: xmlReply(
      "<CreateTopicResponse><CreateTopicResult><TopicArn>arn:one</TopicArn></CreateTopicResult></CreateTopicResponse>",
    ),
    wrongAnswer: xmlReply(
      "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>",
      404,
    ),
    inAnswer: "",
  },
  {
    service: "sqs",
    send: (endpoint, isWrong) =>
      new SQSClient({ ...config(endpoint), md5: false }).send(
        new SendMessageCommand({
          QueueUrl: `${endpoint}/000000000000/work`,
          MessageBody: isWrong ? (undefined as unknown as string) : "work",
        }),
      ),
    request: ["messageBody", "InvalidParameterValue"],
    answer: jsonReply({ MessageId: "m", MD5OfMessageBody: "0" }),
    wrongAnswer: jsonReply({ MessageId: 1, MD5OfMessageBody: "0" }),
    inAnswer: "messageId",
  },
  {
    service: "sts",
    send: (endpoint, isWrong) =>
      new STSClient(config(endpoint)).send(
        new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: isWrong ? "s" : "session" }),
      ),
    request: ["roleSessionName", "ValidationError"],
    answer: IDENTITY("session"),
    wrongAnswer: IDENTITY("a session"),
    inAnswer: "assumedRoleUser.assumedRoleId",
  },
];

describe.each(PLANTED)("$service", (planted) => {
  test("a request and an answer as they should be", async () => {
    const opinion = secondOpinionOf(
      models,
      await capture.requestOf((endpoint) => planted.send(endpoint, false)),
    );
    expect(opinion).toMatchObject({ violations: [], unknown: [] });
    expect(refusalOf(opinion)).toBeUndefined();
    expect(opinion.ofAnswer(planted.answer)).toEqual({ violations: [], unknown: [] });
  });

  test("a wrong request is seen, and refused as the service does", async () => {
    const opinion = secondOpinionOf(
      models,
      await capture.requestOf((endpoint) => planted.send(endpoint, true)),
    );
    const [path, code] = planted.request;
    expect(opinion.violations[0]).toMatchObject({
      side: "request",
      service: planted.service,
      path,
    });
    const refusal = refusalOf(opinion);
    expect(refusal?.status).toBe(400);
    expect(refusal?.body.toString()).toContain(code);
    expect(refusal?.body.toString()).toContain(`Value at '${path}' failed to satisfy constraint`);
  });

  test("a wrong answer is seen", async () => {
    const opinion = secondOpinionOf(
      models,
      await capture.requestOf((endpoint) => planted.send(endpoint, false)),
    );
    const { violations } = opinion.ofAnswer(planted.wrongAnswer);
    expect(violations.map(({ side, path }) => [side, path])).toContainEqual([
      "answer",
      planted.inAnswer,
    ]);
  });
});

test("an operation or a service that no model knows is a violation", async () => {
  const request = await capture.requestOf((endpoint) =>
    new STSClient(config(endpoint)).send(new GetCallerIdentityCommand({})),
  );
  const other = { ...request, body: Buffer.from("Action=GetNobody&Version=2011-06-15") };
  for (const wrong of [other, { ...request, service: "unheard-of" }]) {
    expect(secondOpinionOf(models, wrong).violations).toMatchObject([{ path: "" }]);
  }
});

test("of two operations at one address the one that is not deprecated is meant", async () => {
  const Rules = [
    { ID: "old", Status: "Enabled", Filter: { Prefix: "a/" }, Expiration: { Days: 1 } },
  ];
  const request = await capture.requestOf((endpoint) =>
    new S3Client({ ...config(endpoint), forcePathStyle: true }).send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: "one",
        LifecycleConfiguration: { Rules: Rules as LifecycleRule[] },
      }),
    ),
  );
  expect(secondOpinionOf(models, request)).toMatchObject({ violations: [], unknown: [] });
});

test("of two operations at one address that whose parameters are there is meant", async () => {
  const request = await capture.requestOf((endpoint) =>
    new S3Client({ ...config(endpoint), forcePathStyle: true }).send(
      new DeleteObjectCommand({ Bucket: "one", Key: "list.jsonl", VersionId: "two" }),
    ),
  );
  expect(secondOpinionOf(models, request)).toMatchObject({ violations: [], unknown: [] });
});

test("a member that the model does not know is told apart: the model may be older than the SDK", async () => {
  const request = await capture.requestOf((endpoint) =>
    new KMSClient(config(endpoint)).send(new DescribeKeyCommand({ KeyId: KEY_ID })),
  );
  const newer = { ...request, body: Buffer.from(JSON.stringify({ KeyId: KEY_ID, Newer: 1 })) };
  expect(secondOpinionOf(models, newer)).toMatchObject({
    violations: [],
    unknown: [{ path: "Newer" }],
  });
});

test("every pattern of the services' models can be read, and most of them as they stand", () => {
  const sources = PLANTED.flatMap(({ service }) =>
    Object.values(models.of(service)?.shapes ?? {}).flatMap(({ pattern }) => pattern ?? []),
  );
  const read = [...new Set(sources)].map(patternOf);
  expect(read.length).toBeGreaterThan(150);
  expect(read.filter(({ unicode }) => !unicode).map(({ source }) => source)).toHaveLength(4);
});
