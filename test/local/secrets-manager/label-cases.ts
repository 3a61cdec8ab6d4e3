import {
  apiModel,
  type CaseStep,
  create,
  localstack,
  moto,
  move,
  put,
  type RecordedCase,
} from "./case-table";
import { token } from "./world";

const after = (step: CaseStep, labels: NonNullable<CaseStep["labels"]>): CaseStep => ({
  ...step,
  labels,
});

const update = (number: number, value: string): CaseStep => ({
  operation: "UpdateSecret",
  input: { SecretId: "s", ClientRequestToken: token(number), SecretString: value },
});

/** How AWS moves staging labels. */
export const LABEL_CASES: readonly RecordedCase[] = [
  {
    title: "UpdateSecret with a value makes AWSPREVIOUS of the old version",
    source: localstack("test_update_secret_version_stages_current_previous"),
    steps: [
      after(create(1, "a"), { 1: ["AWSCURRENT"] }),
      after(update(2, "b"), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"] }),
    ],
  },
  {
    title: "AWSPENDING stays on the promoted version and falls with the next current value",
    source: localstack("test_update_secret_version_stages_current_pending"),
    steps: [
      create(1, "a"),
      after(put(2, "b", ["AWSPENDING"]), { 1: ["AWSCURRENT"], 2: ["AWSPENDING"] }),
      after(move("AWSCURRENT", 1, 2), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT", "AWSPENDING"] }),
      after(put(3, "c"), { 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT"] }),
    ],
  },
  {
    title: "a new AWSPENDING is taken from the current version",
    source: localstack("test_update_secret_version_stages_current_pending_cycle"),
    steps: [
      create(1, "S1"),
      put(2, "S2", ["AWSPENDING"]),
      after(move("AWSCURRENT", 1, 2), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT", "AWSPENDING"] }),
      after(put(3, "S3", ["AWSPENDING"]), {
        1: ["AWSPREVIOUS"],
        2: ["AWSCURRENT"],
        3: ["AWSPENDING"],
      }),
      after(move("AWSCURRENT", 2, 3), { 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT", "AWSPENDING"] }),
    ],
  },
  {
    title: "custom labels stay where they are when AWSCURRENT moves",
    source: localstack("test_update_secret_version_stages_current_pending_cycle_custom_stages_1"),
    steps: [
      create(1, "S1"),
      after(put(2, "S2", ["AWSPENDING", "AWSSOMETHING", "PUT1"]), {
        1: ["AWSCURRENT"],
        2: ["AWSPENDING", "AWSSOMETHING", "PUT1"],
      }),
      after(move("AWSCURRENT", 1, 2), {
        1: ["AWSPREVIOUS"],
        2: ["AWSCURRENT", "AWSPENDING", "AWSSOMETHING", "PUT1"],
      }),
      after(put(3, "S3", ["AWSPENDING", "PUT2"]), {
        1: ["AWSPREVIOUS"],
        2: ["AWSCURRENT", "AWSSOMETHING", "PUT1"],
        3: ["AWSPENDING", "PUT2"],
      }),
      after(move("AWSCURRENT", 2, 3), {
        2: ["AWSPREVIOUS", "AWSSOMETHING", "PUT1"],
        3: ["AWSCURRENT", "AWSPENDING", "PUT2"],
      }),
    ],
  },
  {
    title: "a custom label keeps an old version listed",
    source: localstack("test_update_secret_version_stages_current_pending_cycle_custom_stages_2"),
    steps: [
      create(1, "SS"),
      after(put(2, "S1", ["AWSCURRENT", "PUT0"]), {
        1: ["AWSPREVIOUS"],
        2: ["AWSCURRENT", "PUT0"],
      }),
      put(3, "S2", ["AWSPENDING", "PUT1"]),
      after(move("AWSCURRENT", 2, 3), {
        2: ["AWSPREVIOUS", "PUT0"],
        3: ["AWSCURRENT", "AWSPENDING", "PUT1"],
      }),
      put(4, "S3", ["AWSPENDING", "PUT2"]),
      after(move("AWSCURRENT", 3, 4), {
        2: ["PUT0"],
        3: ["AWSPREVIOUS", "PUT1"],
        4: ["AWSCURRENT", "AWSPENDING", "PUT2"],
      }),
    ],
  },
  {
    title: "a label can be removed without going anywhere",
    source: localstack("test_update_secret_version_stages_current_pending_cycle_custom_stages_3"),
    steps: [
      create(1, "SS"),
      after(put(2, "S1", ["PENDING"]), { 1: ["AWSCURRENT"], 2: ["PENDING"] }),
      after(move("AWSCURRENT", 1, 2), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT", "PENDING"] }),
      after(move("PENDING", 2), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"] }),
    ],
  },
  {
    title: "a version that loses all its labels is no longer listed",
    source: localstack("test_non_versioning_version_stages_replacement"),
    steps: [
      create(1, "a"),
      after(put(2, "b", ["one", "two", "three"]), {
        1: ["AWSCURRENT"],
        2: ["one", "three", "two"],
      }),
      after(put(3, "c", ["one", "two", "three", "four"]), {
        1: ["AWSCURRENT"],
        3: ["four", "one", "three", "two"],
      }),
    ],
  },
  {
    title: "a label that is not asked for stays behind",
    source: localstack("test_non_versioning_version_stages_no_replacement"),
    steps: [
      create(1, "a"),
      put(2, "b", ["one", "two", "three"]),
      after(put(3, "c", ["one", "two", "four"]), {
        1: ["AWSCURRENT"],
        2: ["three"],
        3: ["four", "one", "two"],
      }),
    ],
  },
  {
    title: "values under other labels do not touch AWSCURRENT",
    source: localstack("test_put_secret_value_with_version_stages"),
    steps: [
      create(1, "secret_string_v0"),
      {
        ...put(2, "v1", ["SAMPLESTAGE1", "SAMPLESTAGE0"]),
        answer: { VersionStages: ["SAMPLESTAGE0", "SAMPLESTAGE1"] },
      },
      put(3, "v2", ["SAMPLESTAGE1", "SAMPLESTAGE0"]),
      { ...put(4, "v3", ["AWSPENDING"]), answer: { VersionStages: ["AWSPENDING"] } },
      {
        operation: "GetSecretValue",
        answer: { SecretString: "secret_string_v0", VersionId: "{v1}" },
      },
      { ...put(5, "v4"), answer: { VersionStages: ["AWSCURRENT"] } },
      { operation: "GetSecretValue", answer: { SecretString: "v4", VersionId: "{v5}" } },
    ],
  },
  {
    title: "unlabelled versions are listed only when asked for",
    source: localstack("test_deprecated_secret_version_stage"),
    steps: [
      create(1, "a"),
      after(put(2, "b"), { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"] }),
      after(put(3, "c"), { 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT"] }),
      {
        operation: "ListSecretVersionIds",
        input: { SecretId: "s", IncludeDeprecated: true },
        answer: {
          Versions: [
            { VersionId: "{v1}", KmsKeyIds: ["DefaultEncryptionKey"] },
            { VersionId: "{v2}", VersionStages: ["AWSPREVIOUS"] },
            { VersionId: "{v3}", VersionStages: ["AWSCURRENT"] },
          ],
        },
      },
    ],
  },
  {
    title: "a promotion by hand",
    source: moto("test_update_secret_version_stage_manually"),
    steps: [
      create(1, "old_secret"),
      put(2, "previous_secret", ["AWSCURRENT"]),
      put(3, "new_secret", ["AWSPENDING"]),
      {
        operation: "GetSecretValue",
        input: { SecretId: "{arn}", VersionStage: "AWSPENDING" },
        answer: { VersionStages: ["AWSPENDING"], SecretString: "new_secret" },
      },
      move("AWSCURRENT", 2, 3),
      {
        operation: "GetSecretValue",
        answer: { VersionStages: ["AWSCURRENT", "AWSPENDING"], SecretString: "new_secret" },
      },
      {
        operation: "GetSecretValue",
        input: { SecretId: "s", VersionStage: "AWSPREVIOUS" },
        answer: { VersionStages: ["AWSPREVIOUS"], SecretString: "previous_secret" },
      },
    ],
  },
  {
    title: "AWSCURRENT moves only from the holder that was named",
    source: moto("test_update_secret_version_stage_dont_specify_current_stage"),
    steps: [
      create(1, "old_secret"),
      put(2, "previous_secret", ["AWSCURRENT"]),
      put(3, "new_secret", ["AWSPENDING"]),
      {
        ...move("AWSCURRENT", undefined, 3),
        error: {
          code: "InvalidParameterException",
          message:
            "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version {v2}, so you must explicitly reference that version in RemoveFromVersionId.",
        },
        labels: { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"], 3: ["AWSPENDING"] },
      },
    ],
  },
  {
    title:
      "a label moves only from its holder, only to a version that exists, and AWSCURRENT never away",
    source: apiModel(
      "UpdateSecretVersionStageRequest (text of RemoveFromVersionId and MoveToVersionId)",
    ),
    steps: [
      create(1, "a"),
      put(2, "b"),
      put(3, "c", ["AWSPENDING"]),
      { ...move("AWSCURRENT", 1, 3), error: { code: "InvalidParameterException" } },
      { ...move("AWSPENDING", 2), error: { code: "InvalidParameterException" } },
      { ...move("nowhere", 2, 3), error: { code: "InvalidParameterException" } },
      { ...move("AWSCURRENT", 2), error: { code: "InvalidParameterException" } },
      { ...move("AWSCURRENT", 2, 9), error: { code: "ResourceNotFoundException" } },
      { ...move("AWSCURRENT"), error: { code: "InvalidParameterException" } },
      {
        ...move("AWSPENDING", undefined, 3),
        labels: { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"], 3: ["AWSPENDING"] },
      },
      { ...move("AWSPREVIOUS", 1), labels: { 2: ["AWSCURRENT"], 3: ["AWSPENDING"] } },
      {
        ...move("custom", undefined, 2),
        labels: { 2: ["AWSCURRENT", "custom"], 3: ["AWSPENDING"] },
      },
    ],
  },
  {
    title: "UpdateSecretVersionStage answers with the secret's name only",
    source: localstack("test_update_secret_version_stages_return_type"),
    steps: [
      create(1, "Something1"),
      put(2, "Something2", ["AWSPENDING"]),
      { ...move("AWSCURRENT", 1, 2), answer: { ARN: "{arn}", Name: "s" }, lacks: ["VersionId"] },
    ],
  },
  {
    title: "descriptions and values change together or apart",
    source: localstack("test_update_secret_description"),
    steps: [
      create(1, "MySecretString"),
      {
        operation: "UpdateSecret",
        input: { SecretId: "s", Description: "MyDescription" },
        lacks: ["VersionId"],
        labels: { 1: ["AWSCURRENT"] },
      },
      { operation: "DescribeSecret", answer: { Description: "MyDescription" } },
      {
        operation: "UpdateSecret",
        input: {
          SecretId: "s",
          ClientRequestToken: "{v2}",
          Description: "MyNewDescription",
          SecretString: "new",
        },
        answer: { VersionId: "{v2}" },
        labels: { 1: ["AWSPREVIOUS"], 2: ["AWSCURRENT"] },
      },
      { ...update(3, "newer"), labels: { 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT"] } },
      {
        operation: "UpdateSecret",
        input: { SecretId: "s" },
        lacks: ["VersionId"],
        labels: { 2: ["AWSPREVIOUS"], 3: ["AWSCURRENT"] },
      },
      { operation: "DescribeSecret", answer: { Description: "MyNewDescription" } },
    ],
  },
];
