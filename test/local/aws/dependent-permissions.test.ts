import {
  needsOfRoleRequest,
  needsOfSecretRequest,
  ROLE_ROWS,
  SECRET_ROWS,
} from "../../../local/aws/dependent-permissions";
import type { SecretFacts } from "../../../local/aws/secret-request";

const PLACE = { region: "eu-west-1", accountId: "123456789012" };
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/old";
const NEW_KEY = "arn:aws:kms:eu-west-1:123456789012:key/new";
const ROTATE = "arn:aws:lambda:eu-west-1:123456789012:function:rotate";
const FACTS: SecretFacts = {
  arn: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:one-AbCdEf",
  name: "one",
  tags: {},
  rotationLambdaArn: ROTATE,
  kmsKeyId: KEY,
};
const BARE: SecretFacts = { arn: FACTS.arn, name: FACTS.name, tags: {} };

/** `action resource` of each need of a request. */
function needsOf(
  operation: string,
  input: Record<string, unknown>,
  about: { facts?: SecretFacts; versionId?: string } = {},
): string[] {
  const request = { operation, input, facts: about.facts, versionId: about.versionId };
  return needsOfSecretRequest(request, PLACE).map((need) => `${need.action} ${need.resource}`);
}

test.each([...SECRET_ROWS, ...ROLE_ROWS])("row $on cites AWS's text", ({ source }) => {
  expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/.+: .+/);
});

test("RotateSecret: the function of the request, else the secret's", () => {
  const other = `${ROTATE}-other`;
  expect(needsOf("RotateSecret", { RotationLambdaARN: other }, { facts: FACTS })).toEqual([
    `lambda:InvokeFunction ${other}`,
  ]);
  expect(needsOf("RotateSecret", {}, { facts: FACTS })).toEqual([
    `lambda:InvokeFunction ${ROTATE}`,
  ]);
  expect(needsOf("RotateSecret", {}, { facts: BARE })).toEqual([]);
});

test("CreateSecret: tags, replicas and a customer managed key each need more", () => {
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:new-xxxxxx";
  const key = [`kms:GenerateDataKey ${NEW_KEY}`, `kms:Decrypt ${NEW_KEY}`];
  expect(needsOf("CreateSecret", { Name: "new" })).toEqual([]);
  expect(needsOf("CreateSecret", { Name: "new", Tags: [] })).toEqual([]);
  expect(needsOf("CreateSecret", { Name: "new", Tags: [{ Key: "a", Value: "b" }] })).toEqual([
    `secretsmanager:TagResource ${arn}`,
  ]);
  expect(needsOf("CreateSecret", { Name: "new", AddReplicaRegions: [{}] })).toEqual([
    `secretsmanager:ReplicateSecretToRegions ${arn}`,
  ]);
  expect(needsOf("CreateSecret", { Name: "new", KmsKeyId: NEW_KEY })).toEqual(key);
  expect(needsOf("CreateSecret", { Name: "new", KmsKeyId: "alias/aws/secretsmanager" })).toEqual(
    [],
  );
});

test("only a key that the request itself names may be told to be none", () => {
  const told = (operation: string, input: Record<string, unknown>, facts?: SecretFacts) =>
    needsOfSecretRequest({ operation, input, facts, versionId: undefined }, PLACE).map(
      ({ ifMissing }) => ifMissing?.code,
    );
  const INVALID = "InvalidParameterException";
  expect(told("CreateSecret", { Name: "new", KmsKeyId: NEW_KEY })).toEqual([INVALID, INVALID]);
  expect(told("PutSecretValue", { SecretId: "one" }, FACTS)).toEqual([undefined, undefined]);
});

test("reading and writing under a key; the key that AWS manages needs nothing", () => {
  const under = { facts: FACTS, versionId: "v1" };
  expect(needsOf("GetSecretValue", { SecretId: "one" }, under)).toEqual([`kms:Decrypt ${KEY}`]);
  expect(needsOf("GetSecretValue", { SecretId: "one" }, { facts: FACTS })).toEqual([]);
  expect(needsOf("GetSecretValue", { SecretId: "one" }, { facts: BARE, versionId: "v1" })).toEqual(
    [],
  );
  expect(needsOf("PutSecretValue", { SecretString: "v" }, { facts: FACTS })).toEqual([
    `kms:GenerateDataKey ${KEY}`,
    `kms:Decrypt ${KEY}`,
  ]);
  expect(needsOf("PutSecretValue", { SecretString: "v" }, { facts: BARE })).toEqual([]);
});

test("UpdateSecret: nothing for a description, the key for a value, both keys for a move", () => {
  const update = (input: Record<string, unknown>) =>
    needsOf("UpdateSecret", input, { facts: FACTS });
  expect(update({ Description: "d" })).toEqual([]);
  expect(update({ KmsKeyId: KEY })).toEqual([]);
  expect(update({ SecretString: "v" })).toEqual([
    `kms:GenerateDataKey ${KEY}`,
    `kms:Decrypt ${KEY}`,
  ]);
  expect(update({ KmsKeyId: NEW_KEY })).toEqual([
    `kms:Decrypt ${KEY}`,
    `kms:GenerateDataKey ${NEW_KEY}`,
    `kms:Encrypt ${NEW_KEY}`,
    `kms:Decrypt ${NEW_KEY}`,
  ]);
  expect(update({ KmsKeyId: "" })).toEqual([`kms:Decrypt ${KEY}`]);
});

test("BatchGetSecretValue: ListSecrets when it filters", () => {
  expect(needsOf("BatchGetSecretValue", { SecretIdList: ["one"] })).toEqual([]);
  expect(needsOf("BatchGetSecretValue", { Filters: [] })).toEqual(["secretsmanager:ListSecrets *"]);
});

test.each([
  { operation: "GetSecretValue", input: {}, versionId: "v1", about: "v1" },
  {
    operation: "PutSecretValue",
    input: { SecretString: "v", ClientRequestToken: "t1" },
    versionId: undefined,
    about: "t1",
  },
  {
    operation: "UpdateSecret",
    input: { KmsKeyId: NEW_KEY, ClientRequestToken: "t1" },
    versionId: undefined,
    about: "RequestToValidateKeyAccess",
  },
])("$operation tells KMS who asks and about which version", ({ operation, input, ...version }) => {
  const { versionId, about } = version;
  const [need] = needsOfSecretRequest({ operation, input, facts: FACTS, versionId }, PLACE);
  expect(need?.context).toEqual({
    "kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com",
    "kms:CallerAccount": "123456789012",
    "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
    "kms:EncryptionContext:SecretARN": FACTS.arn,
    "kms:EncryptionContext:SecretVersionId": about,
  });
});

test.each([
  ["lambda:CreateFunction", { Role: "r" }, "lambda.amazonaws.com"],
  ["lambda:UpdateFunctionConfiguration", { Role: "r" }, "lambda.amazonaws.com"],
  ["scheduler:CreateSchedule", { Target: { RoleArn: "r" } }, "scheduler.amazonaws.com"],
  ["scheduler:UpdateSchedule", { Target: { RoleArn: "r" } }, "scheduler.amazonaws.com"],
])("%s passes a role", (operation, input, service) => {
  expect(needsOfRoleRequest({ operation, input }, PLACE)).toMatchObject([
    {
      action: "iam:PassRole",
      resource: "r",
      context: { "iam:PassedToService": service },
      assumedBy: { service },
    },
  ]);
});

test("a function in a VPC: the caller looks at the network, the role itself joins it", () => {
  const input = { Role: "r", VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } };
  const needs = needsOfRoleRequest({ operation: "lambda:CreateFunction", input }, PLACE);
  const [, ...network] = needs.map(({ action, who }) => [action, who]);
  const role = { roleArn: "r", assumedBy: "lambda.amazonaws.com" };
  expect(network).toEqual([
    ["ec2:DescribeSecurityGroups", undefined],
    ["ec2:DescribeSubnets", undefined],
    ["ec2:DescribeVpcs", undefined],
    ["ec2:CreateNetworkInterface", role],
    ["ec2:DescribeNetworkInterfaces", role],
    ["ec2:DeleteNetworkInterface", role],
  ]);
});

test("a request without a role passes none", () => {
  expect(
    needsOfRoleRequest({ operation: "lambda:UpdateFunctionConfiguration", input: {} }, PLACE),
  ).toEqual([]);
});

test.each([
  [
    "lambda:CreateEventSourceMapping",
    { Tags: { team: "shop" } },
    {
      action: "lambda:TagResource",
      resource: "lambda:eu-west-1:123456789012:event-source-mapping:*",
    },
  ],
  [
    "sqs:CreateQueue",
    { QueueName: "work", tags: { team: "shop" } },
    { action: "sqs:TagQueue", resource: "sqs:eu-west-1:123456789012:work" },
  ],
])("%s with tags needs the right to set them", (operation, input, { action, resource }) => {
  const context = { "aws:RequestTag/team": "shop", "aws:TagKeys": ["team"] };
  expect(needsOfRoleRequest({ operation, input }, PLACE)).toEqual([
    { action, resource: `arn:aws:${resource}`, context },
  ]);
  const bare = { QueueName: "work", tags: {} };
  expect(needsOfRoleRequest({ operation, input: bare }, PLACE)).toEqual([]);
});
