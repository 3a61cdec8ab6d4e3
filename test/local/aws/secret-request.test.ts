import {
  contextOf,
  questionOf,
  type SecretFacts,
  secretArnOf,
} from "../../../local/aws/secret-request";

const PLACE = { region: "us-east-1", accountId: "000000000000" };
const ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:one-AbCdEf";
const FACTS: SecretFacts = {
  arn: ARN,
  name: "one",
  tags: { store: "acme" },
  rotationLambdaArn: "arn:aws:lambda:us-east-1:000000000000:function:rotate",
  resourcePolicy: "{}",
};

test("a request is judged by the secret's full ARN and refused under the name it used", () => {
  const request = { operation: "GetSecretValue", input: { SecretId: "one" }, facts: FACTS };
  expect(questionOf(request, PLACE)).toMatchObject({
    action: "secretsmanager:GetSecretValue",
    resource: ARN,
    shownAs: "one",
    resourcePolicy: "{}",
  });
});

test.each([
  [
    "CreateSecret",
    { Name: "new" },
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:new-xxxxxx",
  ],
  [
    "GetSecretValue",
    { SecretId: "gone" },
    "arn:aws:secretsmanager:us-east-1:000000000000:secret:gone-xxxxxx",
  ],
  ["GetSecretValue", { SecretId: ARN }, ARN],
  ["ListSecrets", {}, "*"],
  ["BatchGetSecretValue", { SecretIdList: [ARN] }, "*"],
])("%s %j without a known secret is about %s", (operation, input, resource) => {
  expect(secretArnOf({ operation, input, facts: undefined }, PLACE)).toBe(resource);
});

test("a secret without a resource policy says so: the emulator must not look for one of its own", () => {
  const request = { operation: "DescribeSecret", input: { SecretId: "gone" }, facts: undefined };
  expect(questionOf(request, PLACE).resourcePolicy).toBeNull();
});

test("condition keys come from the request, its tags and the secret", () => {
  const input = {
    SecretId: "one",
    VersionStage: "AWSPENDING",
    ForceDeleteWithoutRecovery: true,
    RecoveryWindowInDays: 7,
    Tags: [{ Key: "team", Value: "a" }],
  };
  expect(contextOf({ operation: "TagResource", input, facts: FACTS })).toEqual({
    "secretsmanager:SecretId": "one",
    "secretsmanager:VersionStage": "AWSPENDING",
    "secretsmanager:ForceDeleteWithoutRecovery": "true",
    "secretsmanager:RecoveryWindowInDays": "7",
    "aws:RequestTag/team": "a",
    "aws:TagKeys": ["team"],
    "aws:ResourceTag/store": "acme",
    "secretsmanager:ResourceTag/store": "acme",
    "secretsmanager:resource/AllowRotationLambdaArn": FACTS.rotationLambdaArn,
  });
});

test("removed tags are named without values, and no tags leave aws:TagKeys absent", () => {
  const untag = { operation: "UntagResource", input: { TagKeys: ["a", "b"] }, facts: undefined };
  expect(contextOf(untag)).toEqual({ "aws:TagKeys": ["a", "b"] });
  expect(contextOf({ operation: "TagResource", input: { Tags: [] }, facts: undefined })).toEqual(
    {},
  );
});

test("no value of a secret becomes a condition key", () => {
  const input = { SecretId: "one", SecretString: "shpat_x", SecretBinary: "eA==" };
  const keys = contextOf({ operation: "PutSecretValue", input, facts: FACTS });
  expect(JSON.stringify(keys)).not.toMatch(/shpat_x|eA==/);
});
