import { create, localstack, localstackTest, moto, put, type RecordedCase } from "./case-table";
import { token } from "./world";

const NOT_FOUND = {
  code: "ResourceNotFoundException",
  message: "Secrets Manager can't find the specified secret.",
};
const TOKEN_IN_USE = {
  code: "ResourceExistsException",
  message:
    "You can't use ClientRequestToken {v1} because that value is already in use for a version of secret {arn}.",
};

/** What AWS answers, and with which errors. */
export const ANSWER_CASES: readonly RecordedCase[] = [
  {
    title: "a secret is found by name, by ARN and by ARN without suffix",
    source: localstack("test_create_and_update_secret[Valid/_+=.@-Name-a1b2]"),
    steps: [
      create(1, "my_secret", { Name: "Valid/_+=.@-Name-a1b2", Description: "Testing" }),
      ...["Valid/_+=.@-Name-a1b2", "{arn}", "{partial}"].map((SecretId) => ({
        operation: "GetSecretValue",
        input: { SecretId },
        answer: { SecretString: "my_secret", VersionId: "{v1}", VersionStages: ["AWSCURRENT"] },
      })),
    ],
  },
  {
    title: "a name that ends like an ARN's suffix cannot be found by partial ARN",
    source: localstack("test_create_and_update_secret[Invalid/_+=.@-Name-a1b2c3]"),
    steps: [
      create(1, "my_secret", { Name: "Invalid/_+=.@-Name-a1b2c3" }),
      { operation: "GetSecretValue", input: { SecretId: "{arn}" }, answer: { VersionId: "{v1}" } },
      { operation: "GetSecretValue", input: { SecretId: "{partial}" }, error: NOT_FOUND },
    ],
  },
  {
    title: "a trailing hyphen makes the partial ARN usable again",
    source: localstack("test_create_and_update_secret[Valid/_+=.@-Name-a1b2c3-]"),
    steps: [
      create(1, "my_secret", { Name: "Valid/_+=.@-Name-a1b2c3-" }),
      {
        operation: "GetSecretValue",
        input: { SecretId: "{partial}" },
        answer: { VersionId: "{v1}" },
      },
    ],
  },
  {
    title: "unknown secrets",
    source: localstack("test_secret_not_found"),
    steps: [
      { operation: "GetSecretValue", error: NOT_FOUND },
      { operation: "ListSecretVersionIds", error: NOT_FOUND },
    ],
  },
  {
    title: "a secret without a value",
    source: localstack("test_secret_version_not_found"),
    steps: [
      {
        operation: "CreateSecret",
        input: { Name: "s", ClientRequestToken: token(1) },
        lacks: ["VersionId"],
      },
      {
        operation: "GetSecretValue",
        error: {
          code: "ResourceNotFoundException",
          message:
            "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        },
      },
      {
        operation: "GetSecretValue",
        input: { SecretId: "s", VersionId: token(5) },
        error: {
          code: "ResourceNotFoundException",
          message: "Secrets Manager can't find the specified secret value for VersionId: {v5}",
        },
      },
      {
        operation: "GetSecretValue",
        input: { SecretId: "s", VersionStage: "AWSPENDING" },
        error: {
          code: "ResourceNotFoundException",
          message:
            "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
        },
      },
    ],
  },
  {
    title: "the first value of an empty secret is current",
    source: localstack("test_create_secret_version_from_empty_secret"),
    steps: [
      {
        operation: "CreateSecret",
        input: { Name: "s", ClientRequestToken: token(1), Description: "" },
      },
      {
        operation: "DescribeSecret",
        lacks: ["VersionIdsToStages", "Description", "RotationEnabled", "Tags"],
      },
      {
        ...put(2, "example-string-to-protect"),
        answer: { VersionId: "{v2}", VersionStages: ["AWSCURRENT"] },
      },
    ],
  },
  {
    title: "a version and a label that do not belong together",
    source: localstack("test_get_secret_value_errors"),
    steps: [
      create(1, "test"),
      {
        operation: "GetSecretValue",
        input: { SecretId: "{arn}", VersionStage: "AWSPREVIOUS" },
        error: {
          code: "ResourceNotFoundException",
          message:
            "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS",
        },
      },
      {
        operation: "GetSecretValue",
        input: { SecretId: "s", VersionId: token(1), VersionStage: "AWSPREVIOUS" },
        error: {
          code: "InvalidRequestException",
          message: "You provided a VersionStage that is not associated to the provided VersionId.",
        },
      },
    ],
  },
  {
    title: "binary values come back as bytes",
    source: localstack("test_change_secret_value_after_creation"),
    steps: [
      {
        operation: "CreateSecret",
        input: {
          Name: "s",
          ClientRequestToken: token(1),
          SecretBinary: new Uint8Array([0, 1, 2, 255]),
        },
      },
      {
        operation: "GetSecretValue",
        answer: { SecretBinary: new Uint8Array([0, 1, 2, 255]) },
        lacks: ["SecretString"],
      },
      {
        operation: "UpdateSecret",
        input: {
          SecretId: "s",
          ClientRequestToken: token(2),
          SecretBinary: new Uint8Array([254, 253]),
        },
      },
      {
        operation: "GetSecretValue",
        answer: { SecretBinary: new Uint8Array([254, 253]), VersionId: "{v2}" },
      },
    ],
  },
  {
    title: "a read is dated to the day, and only once there was one",
    source: localstackTest("test_last_accessed_date"),
    steps: [
      create(1, "MySecretValue"),
      { operation: "DescribeSecret", lacks: ["LastAccessedDate"] },
      { operation: "GetSecretValue" },
      { operation: "DescribeSecret", answer: { LastAccessedDate: expect.any(Date) } },
    ],
  },
  {
    title: "a name in use",
    source: localstack("test_secret_exists_snapshots"),
    steps: [
      create(1, "a"),
      {
        ...create(2, "b"),
        error: {
          code: "ResourceExistsException",
          message: "The operation failed because the secret s already exists.",
        },
      },
    ],
  },
  {
    title: "creating twice without a common token",
    source: moto("test_create_duplicate_secret_without_specifying_token"),
    steps: [
      create(1, "Hello"),
      {
        ...create(2, "Hello"),
        error: {
          code: "ResourceExistsException",
          message: "The operation failed because the secret s already exists.",
        },
      },
    ],
  },
  {
    title: "creating twice with the same token and value",
    source: moto("test_create_duplicate_secret_with_same_token"),
    steps: [
      create(1, "Hello"),
      { ...create(1, "Hello"), answer: { ARN: "{arn}", VersionId: "{v1}" } },
    ],
  },
  {
    title: "creating twice with the same token and another value",
    source: moto("test_create_different_secret_with_same_token"),
    steps: [create(1, "Hello"), { ...create(1, "Hi"), error: TOKEN_IN_USE }],
  },
  {
    title: "putting the same value with the same token changes nothing",
    source: moto("test_put_same_secret_value_with_same_token"),
    steps: [
      create(1, "Hello"),
      {
        ...put(1, "Hello"),
        answer: { VersionId: "{v1}", VersionStages: ["AWSCURRENT"] },
        labels: { 1: ["AWSCURRENT"] },
      },
    ],
  },
  {
    title: "putting another value with the same token",
    source: moto("test_put_different_secret_value_with_same_token"),
    steps: [create(1, "Hello"), { ...put(1, "Hi"), error: TOKEN_IN_USE }],
  },
  {
    title: "updating to the same value with the same token",
    source: moto("test_update_same_secret_value_with_same_token"),
    steps: [
      create(1, "Hello"),
      {
        operation: "UpdateSecret",
        input: { SecretId: "s", ClientRequestToken: token(1), SecretString: "Hello" },
        answer: { VersionId: "{v1}" },
      },
    ],
  },
  {
    title: "updating to another value with the same token",
    source: moto("test_update_different_secret_value_with_same_token"),
    steps: [
      create(1, "Hello"),
      {
        operation: "UpdateSecret",
        input: { SecretId: "s", ClientRequestToken: token(1), SecretString: "Hi" },
        error: TOKEN_IN_USE,
      },
    ],
  },
  {
    title: "a random password keeps to its length and exclusions",
    source: localstackTest("test_get_random_exclude_characters_and_symbols"),
    steps: [
      {
        operation: "GetRandomPassword",
        input: { PasswordLength: 120, ExcludeCharacters: "xyzDje@?!." },
        answer: { RandomPassword: expect.stringMatching(/^[^xyzDje@?!.]{120}$/) },
      },
    ],
  },
];
