import { apiModel, create, put, type RecordedCase } from "./case-table";
import { token } from "./world";

const invalid = { code: "ValidationException" };

/** Lengths, ranges and patterns of the rarer members. */
export const LIMIT_CASES: readonly RecordedCase[] = [
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
