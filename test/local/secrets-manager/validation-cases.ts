import { apiModel, create, localstack, type RecordedCase } from "./case-table";
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
];
