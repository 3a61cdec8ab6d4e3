import { type CaseStep, create, localstack, localstackTest, type RecordedCase } from "./case-table";
import { token } from "./world";

const NOT_FOUND = {
  code: "ResourceNotFoundException",
  message: "Secrets Manager can't find the specified secret.",
};
const MARKED = {
  code: "InvalidRequestException",
  message: "You can't perform this operation on the secret because it was marked for deletion.",
};
const describeTags = (tags: readonly object[]): CaseStep => ({
  operation: "DescribeSecret",
  answer: { Tags: tags },
});

/** Deletion, tags and policies. */
export const LIFECYCLE_CASES: readonly RecordedCase[] = [
  {
    title: "a name that waits for its deletion is taken",
    source: localstack("test_exp_raised_on_creation_of_secret_scheduled_for_deletion"),
    steps: [
      create(1, "a"),
      {
        operation: "DeleteSecret",
        input: { SecretId: "s", RecoveryWindowInDays: 7 },
        answer: { ARN: "{arn}", Name: "s", DeletionDate: expect.any(Date) },
      },
      {
        ...create(2, "a"),
        error: {
          code: "InvalidRequestException",
          message:
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        },
      },
    ],
  },
  {
    title: "a name is free again after a forced deletion",
    source: localstack("test_can_recreate_delete_secret"),
    steps: [
      create(1, "a"),
      {
        operation: "DeleteSecret",
        input: { SecretId: "s", ForceDeleteWithoutRecovery: true },
        answer: { Name: "s" },
      },
      { ...create(2, "a"), answer: { VersionId: "{v2}" } },
    ],
  },
  {
    title: "a forced deletion does not mind an unknown secret",
    source: localstackTest("test_delete_non_existent_secret_returns_as_if_secret_exists"),
    steps: [
      {
        operation: "DeleteSecret",
        input: { SecretId: "s", ForceDeleteWithoutRecovery: true },
        answer: { Name: "s", ARN: expect.any(String), DeletionDate: expect.any(Date) },
      },
    ],
  },
  {
    title: "a secret marked for deletion can be described, and deleted by force",
    source: localstack("test_force_delete_deleted_secret"),
    steps: [
      create(1, "a"),
      { operation: "DeleteSecret" },
      {
        operation: "DescribeSecret",
        answer: {
          DeletedDate: expect.any(Date),
          VersionIdsToStages: { [token(1)]: ["AWSCURRENT"] },
        },
      },
      {
        operation: "DeleteSecret",
        input: { SecretId: "s", ForceDeleteWithoutRecovery: true },
        answer: { ARN: "{arn}" },
      },
      { operation: "DescribeSecret", error: NOT_FOUND },
    ],
  },
  {
    title: "a marked secret can be restored",
    source: localstack("test_secret_restore"),
    steps: [
      create(1, "a"),
      { operation: "DeleteSecret" },
      { operation: "RestoreSecret", answer: { ARN: "{arn}", Name: "s" } },
      { operation: "GetSecretValue", answer: { SecretString: "a" } },
      { operation: "DescribeSecret", lacks: ["DeletedDate"] },
    ],
  },
  {
    title: "a marked secret cannot be tagged",
    source: localstack("test_tag_untag_resource_on_deleted_secret"),
    steps: [
      create(1, "a"),
      { operation: "DeleteSecret" },
      {
        operation: "TagResource",
        input: { SecretId: "{arn}", Tags: [{ Key: "k", Value: "v" }] },
        error: MARKED,
      },
      { operation: "UntagResource", input: { SecretId: "{arn}", TagKeys: ["k"] }, error: MARKED },
    ],
  },
  {
    title: "tags come, stay and go; the last one leaves an empty list",
    source: localstack("test_secret_tags"),
    steps: [
      { operation: "CreateSecret", input: { Name: "s", ClientRequestToken: token(1) } },
      { operation: "DescribeSecret", lacks: ["Tags"] },
      {
        operation: "TagResource",
        input: { SecretId: "{arn}", Tags: [{ Key: "tag1", Value: "value1" }] },
      },
      {
        operation: "TagResource",
        input: { SecretId: "{arn}", Tags: [{ Key: "tag2", Value: "value2" }] },
      },
      describeTags([
        { Key: "tag1", Value: "value1" },
        { Key: "tag2", Value: "value2" },
      ]),
      { operation: "UntagResource", input: { SecretId: "{arn}", TagKeys: ["tag1"] } },
      describeTags([{ Key: "tag2", Value: "value2" }]),
      { operation: "UntagResource", input: { SecretId: "{arn}", TagKeys: ["tag2"] } },
      describeTags([]),
    ],
  },
  {
    title: "resource policies",
    source: localstack("test_resource_policy"),
    steps: [
      create(1, "a"),
      {
        operation: "PutResourcePolicy",
        input: { SecretId: "s", ResourcePolicy: somePolicy() },
        answer: { ARN: "{arn}", Name: "s" },
      },
      { operation: "GetResourcePolicy", answer: { ResourcePolicy: somePolicy() } },
      { operation: "DeleteResourcePolicy", answer: { ARN: "{arn}" } },
      { operation: "GetResourcePolicy", lacks: ["ResourcePolicy"] },
    ],
  },
];

function somePolicy(): string {
  return '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}';
}
