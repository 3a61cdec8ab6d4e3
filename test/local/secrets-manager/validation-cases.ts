import { apiModel, create, localstack, put, type RecordedCase } from "./case-table";
import { token } from "./world";

const INVALID_NAME = {
  code: "ValidationException",
  message:
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
};
const NO_TOKEN = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
const tooLong = (member: string, max: number) => ({
  code: "ValidationException",
  message: `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
});
const invalid = { code: "ValidationException" };

const wrongNames: RecordedCase[] = ["Inv Name", " Inv Name", " Inv*Name? ", " Inv *?!]Name\\-"].map(
  (name) => ({
    title: `the name ${JSON.stringify(name)} is refused everywhere`,
    source: localstack(`test_invalid_secret_name[${name}]`),
    steps: [
      { ...create(1, "a", { Name: name }), error: INVALID_NAME },
      {
        operation: "DeleteSecret",
        input: { SecretId: name, ForceDeleteWithoutRecovery: true },
        error: INVALID_NAME,
      },
      {
        operation: "PutSecretValue",
        input: { SecretId: name, ClientRequestToken: token(1), SecretString: "a" },
        error: INVALID_NAME,
      },
      {
        operation: "TagResource",
        input: { SecretId: name, Tags: [{ Key: "FirstTag", Value: "SomeValue" }] },
        error: INVALID_NAME,
      },
      {
        operation: "UntagResource",
        input: { SecretId: name, TagKeys: ["FirstTag"] },
        error: INVALID_NAME,
      },
      {
        operation: "UpdateSecret",
        input: { SecretId: name, Description: "MyNewDescription" },
        error: INVALID_NAME,
      },
      {
        operation: "ValidateResourcePolicy",
        input: { SecretId: name, ResourcePolicy: '{"Version":"2012-10-17","Statement":[]}' },
        error: INVALID_NAME,
      },
      ...["DescribeSecret", "GetSecretValue", "ListSecretVersionIds"].map((operation) => ({
        operation,
        input: { SecretId: name },
        error: INVALID_NAME,
      })),
    ],
  }),
);

const missingTokens: RecordedCase[] = (
  [
    ["CreateSecret", "InvalidRequestException"],
    ["UpdateSecret", "InvalidRequestException"],
    ["PutSecretValue", "InvalidRequestException"],
    ["RotateSecret", "InvalidParameterException"],
  ] as const
).map(([operation, code]) => ({
  title: `${operation} without a ClientRequestToken`,
  source: localstack(`test_no_client_request_token[${operation}]`),
  steps: [
    {
      operation,
      input: { Name: "s", SecretId: "s", SecretString: "a", Description: "b" },
      error: { code, message: NO_TOKEN },
    },
  ],
}));

/** What AWS refuses before it looks at anything. */
export const VALIDATION_CASES: readonly RecordedCase[] = [
  ...wrongNames,
  ...missingTokens,
  {
    title: "required members",
    source: apiModel(
      "CreateSecretRequest, GetSecretValueRequest, UpdateSecretVersionStageRequest, TagResourceRequest",
    ),
    steps: [
      { operation: "CreateSecret", input: {}, error: invalid },
      {
        operation: "GetSecretValue",
        input: {},
        error: {
          ...invalid,
          message:
            "1 validation error detected: Value null at 'secretId' failed to satisfy constraint: Member must not be null",
        },
      },
      { operation: "UpdateSecretVersionStage", input: { SecretId: "s" }, error: invalid },
      { operation: "TagResource", input: { SecretId: "s" }, error: invalid },
      { operation: "UntagResource", input: { SecretId: "s" }, error: invalid },
      { operation: "PutResourcePolicy", input: { SecretId: "s" }, error: invalid },
    ],
  },
  {
    title: "names hold 1 to 512 characters",
    source: apiModel("NameType"),
    steps: [
      { ...create(1, "a", { Name: "" }), error: invalid },
      { ...create(1, "a", { Name: "n".repeat(513) }), error: invalid },
      create(1, "a", { Name: "n".repeat(512) }),
    ],
  },
  {
    title: "descriptions hold up to 2048 characters",
    source: apiModel("DescriptionType"),
    steps: [
      { ...create(1, "a", { Description: "é".repeat(2049) }), error: invalid },
      create(1, "a", { Description: "é".repeat(2048) }),
    ],
  },
  {
    title: "values hold 1 to 65536 bytes, and no error shows them",
    source: apiModel("SecretStringType, SecretBinaryType"),
    steps: [
      { ...create(1, "x".repeat(65_537)), error: tooLong("secretString", 65_536) },
      { ...create(1, "é".repeat(32_769)), error: tooLong("secretString", 65_536) },
      { ...create(1, ""), error: invalid },
      {
        operation: "CreateSecret",
        input: { Name: "s", ClientRequestToken: token(1), SecretBinary: new Uint8Array(65_537) },
        error: tooLong("secretBinary", 65_536),
      },
      create(1, "x".repeat(65_536)),
    ],
  },
  {
    title: "tokens hold 32 to 64 characters",
    source: apiModel("ClientRequestTokenType"),
    steps: [
      ...["t".repeat(31), "t".repeat(65)].map((ClientRequestToken) => ({
        ...create(1, "a", { ClientRequestToken }),
        error: {
          code: "InvalidParameterException",
          message: "ClientRequestToken must be 32-64 characters long.",
        },
      })),
      create(1, "a", { ClientRequestToken: "t".repeat(32) }),
    ],
  },
  {
    title: "version IDs hold 32 to 64 characters, labels 1 to 256, 20 at a time",
    source: apiModel("SecretVersionIdType, SecretVersionStageType, SecretVersionStagesType"),
    steps: [
      create(1, "a"),
      {
        operation: "GetSecretValue",
        input: { SecretId: "s", VersionId: "v".repeat(31) },
        error: invalid,
      },
      { operation: "GetSecretValue", input: { SecretId: "s", VersionStage: "" }, error: invalid },
      { ...put(2, "b", ["l".repeat(257)]), error: invalid },
      { ...put(2, "b", []), error: invalid },
      {
        ...put(
          2,
          "b",
          Array.from({ length: 21 }, (_, index) => `l${index}`),
        ),
        error: invalid,
      },
      put(
        2,
        "b",
        Array.from({ length: 20 }, (_, index) => `l${index}`),
      ),
    ],
  },
  {
    title: "tag keys hold 1 to 128 characters, tag values up to 256",
    source: apiModel("TagKeyType, TagValueType"),
    steps: [
      create(1, "a"),
      ...[
        { Key: "", Value: "v" },
        { Key: "k".repeat(129), Value: "v" },
        { Key: "k", Value: "v".repeat(257) },
      ].map((tag) => ({
        operation: "TagResource",
        input: { SecretId: "s", Tags: [tag] },
        error: invalid,
      })),
      {
        operation: "TagResource",
        input: {
          SecretId: "s",
          Tags: [
            { Key: "k".repeat(128), Value: "v".repeat(256) },
            { Key: "e", Value: "" },
          ],
        },
      },
    ],
  },
  {
    title: "page sizes and page tokens",
    source: apiModel(
      "MaxResultsType, MaxResultsBatchType, NextTokenType; InvalidNextTokenException of ListSecrets",
    ),
    steps: [
      { operation: "ListSecrets", input: { MaxResults: 0 }, error: invalid },
      { operation: "ListSecrets", input: { MaxResults: 101 }, error: invalid },
      { operation: "BatchGetSecretValue", input: { Filters: [], MaxResults: 21 }, error: invalid },
      {
        operation: "ListSecrets",
        input: { NextToken: "nonsense" },
        error: { code: "InvalidNextTokenException" },
      },
    ],
  },
  {
    title: "filters have known keys, 1 to 10 values of 512 allowed characters",
    source: apiModel("FilterNameStringType, FilterValuesStringList, FilterValueStringType"),
    steps: [
      {
        operation: "ListSecrets",
        input: { Filters: [{ Key: "invalid", Values: ["foo"] }] },
        error: invalid,
      },
      {
        operation: "ListSecrets",
        input: { Filters: [{ Key: "name", Values: [] }] },
        error: invalid,
      },
      {
        operation: "ListSecrets",
        input: { Filters: [{ Key: "name", Values: ["a?"] }] },
        error: invalid,
      },
      {
        operation: "ListSecrets",
        input: { Filters: [{ Key: "name", Values: ["a".repeat(513)] }] },
        error: invalid,
      },
    ],
  },
  {
    title: "rotation rules have lengths and patterns",
    source: apiModel("AutomaticallyRotateAfterDaysType, DurationType, ScheduleExpressionType"),
    steps: [
      create(1, "a"),
      ...[
        { AutomaticallyAfterDays: 0 },
        { AutomaticallyAfterDays: 1001 },
        { AutomaticallyAfterDays: 1, Duration: "3" },
        { AutomaticallyAfterDays: 1, Duration: "100h" },
        { ScheduleExpression: "" },
        { ScheduleExpression: "rate(4 hours);" },
      ].map((RotationRules) => ({
        operation: "RotateSecret",
        input: {
          SecretId: "s",
          ClientRequestToken: token(9),
          RotationLambdaARN: "f",
          RotationRules,
        },
        error: invalid,
      })),
    ],
  },
  {
    title: "policies hold up to 20480 characters and must be policies",
    source: apiModel(
      "NonEmptyResourcePolicyType; MalformedPolicyDocumentException of PutResourcePolicy",
    ),
    steps: [
      create(1, "a"),
      {
        operation: "PutResourcePolicy",
        input: { SecretId: "s", ResourcePolicy: "x".repeat(20_481) },
        error: invalid,
      },
      {
        operation: "PutResourcePolicy",
        input: { SecretId: "s", ResourcePolicy: "{not json" },
        error: { code: "MalformedPolicyDocumentException" },
      },
      {
        operation: "PutResourcePolicy",
        input: { SecretId: "s", ResourcePolicy: '{"Statement":[{"Effect":"Maybe"}]}' },
        error: { code: "MalformedPolicyDocumentException" },
      },
    ],
  },
  {
    title: "passwords hold 1 to 4096 characters",
    source: apiModel("PasswordLengthType"),
    steps: [
      { operation: "GetRandomPassword", input: { PasswordLength: 0 }, error: invalid },
      { operation: "GetRandomPassword", input: { PasswordLength: 4097 }, error: invalid },
      {
        operation: "GetRandomPassword",
        input: {},
        answer: { RandomPassword: expect.stringMatching(/^.{32}$/) },
      },
    ],
  },
  {
    title: "a recovery window lasts 7 to 30 days",
    source: apiModel("DeleteSecret (text of RecoveryWindowInDays and ForceDeleteWithoutRecovery)"),
    steps: [
      create(1, "a"),
      ...[
        { RecoveryWindowInDays: 6 },
        { RecoveryWindowInDays: 31 },
        { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
      ].map((more) => ({
        operation: "DeleteSecret",
        input: { SecretId: "s", ...more },
        error: { code: "InvalidParameterException" },
      })),
    ],
  },
];
