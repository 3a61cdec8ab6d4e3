/** What AWS's API model says about one member of a request. */
export type Constraint =
  | {
      readonly type: "string";
      readonly min?: number;
      readonly max?: number;
      readonly pattern?: RegExp;
      readonly oneOf?: readonly string[];
      /** Whether min and max count bytes and not characters. */
      readonly inBytes?: true;
      /** Whether errors keep the value to themselves. */
      readonly sensitive?: true;
    }
  | { readonly type: "blob"; readonly min: number; readonly max: number }
  | { readonly type: "number"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  | {
      readonly type: "list";
      readonly of: Constraint;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: "object"; readonly members: Members };

export interface Members {
  readonly [name: string]: Constraint & { readonly required?: true };
}

const text = (min: number, max: number) => ({ type: "string", min, max }) as const;
const flag = { type: "boolean" } as const;
const secretId = { ...text(1, 2048), required: true } as const;
const token = { type: "string" } as const; // its length has an error of its own
const stage = text(1, 256);
const versionId = text(32, 64);
const policy = text(1, 20_480);
const nextToken = text(1, 4096);
const secretString = { ...text(1, 65_536), inBytes: true, sensitive: true } as const;
const secretBinary = { type: "blob", min: 1, max: 65_536 } as const;
const maxResults = { type: "number", min: 1, max: 100 } as const;
const tags = {
  type: "list",
  of: { type: "object", members: { Key: text(1, 128), Value: text(0, 256) } },
} as const;
const filters = {
  type: "list",
  max: 10,
  of: {
    type: "object",
    members: {
      Key: {
        type: "string",
        oneOf: [
          "description",
          "name",
          "tag-key",
          "tag-value",
          "primary-region",
          "owning-service",
          "all",
        ],
      },
      Values: {
        type: "list",
        min: 1,
        max: 10,
        of: { type: "string", max: 512, pattern: /^!?[a-zA-Z0-9 :_@/+=.\-!]*$/ },
      },
    },
  },
} as const;
const rotationRules = {
  type: "object",
  members: {
    AutomaticallyAfterDays: { type: "number", min: 1, max: 1000 },
    Duration: { type: "string", min: 2, max: 3, pattern: /^[0-9]+h$/ },
    ScheduleExpression: {
      type: "string",
      min: 1,
      max: 256,
      pattern: /^[0-9A-Za-z()#?*\-/, ]+$/,
    },
  },
} as const;

/** The members of every request that the model answers; source: AWS's API model of 2017-10-17. */
export const REQUESTS: Readonly<Record<string, Members>> = {
  CreateSecret: {
    Name: { ...text(1, 512), required: true },
    ClientRequestToken: token,
    Description: text(0, 2048),
    KmsKeyId: text(0, 2048),
    SecretBinary: secretBinary,
    SecretString: secretString,
    Tags: tags,
    Type: text(0, 256),
    AddReplicaRegions: { type: "list", min: 1, of: { type: "object", members: {} } },
    ForceOverwriteReplicaSecret: flag,
  },
  DescribeSecret: { SecretId: secretId },
  GetSecretValue: { SecretId: secretId, VersionId: versionId, VersionStage: stage },
  BatchGetSecretValue: {
    SecretIdList: { type: "list", min: 1, max: 20, of: text(1, 2048) },
    Filters: filters,
    MaxResults: { type: "number", min: 1, max: 20 },
    NextToken: nextToken,
  },
  PutSecretValue: {
    SecretId: secretId,
    ClientRequestToken: token,
    SecretBinary: secretBinary,
    SecretString: secretString,
    VersionStages: { type: "list", min: 1, max: 20, of: stage },
    RotationToken: { ...text(36, 256), pattern: /^[a-zA-Z0-9-]+$/, sensitive: true },
  },
  UpdateSecret: {
    SecretId: secretId,
    ClientRequestToken: token,
    Description: text(0, 2048),
    KmsKeyId: text(0, 2048),
    SecretBinary: secretBinary,
    SecretString: secretString,
    Type: text(0, 256),
  },
  UpdateSecretVersionStage: {
    SecretId: secretId,
    VersionStage: { ...stage, required: true },
    RemoveFromVersionId: versionId,
    MoveToVersionId: versionId,
  },
  ListSecrets: {
    IncludePlannedDeletion: flag,
    MaxResults: maxResults,
    NextToken: nextToken,
    Filters: filters,
    SortOrder: { type: "string", oneOf: ["asc", "desc"] },
    SortBy: {
      type: "string",
      oneOf: ["created-date", "last-accessed-date", "last-changed-date", "name"],
    },
  },
  ListSecretVersionIds: {
    SecretId: secretId,
    MaxResults: maxResults,
    NextToken: nextToken,
    IncludeDeprecated: flag,
  },
  TagResource: { SecretId: secretId, Tags: { ...tags, required: true } },
  UntagResource: {
    SecretId: secretId,
    TagKeys: { type: "list", of: text(1, 128), required: true },
  },
  RotateSecret: {
    SecretId: secretId,
    ClientRequestToken: token,
    RotationLambdaARN: text(0, 2048),
    RotationRules: rotationRules,
    RotateImmediately: flag,
  },
  CancelRotateSecret: { SecretId: secretId },
  DeleteSecret: {
    SecretId: secretId,
    RecoveryWindowInDays: { type: "number" }, // its range has an error of its own
    ForceDeleteWithoutRecovery: flag,
  },
  RestoreSecret: { SecretId: secretId },
  GetResourcePolicy: { SecretId: secretId },
  PutResourcePolicy: {
    SecretId: secretId,
    ResourcePolicy: { ...policy, required: true },
    BlockPublicPolicy: flag,
  },
  DeleteResourcePolicy: { SecretId: secretId },
  ValidateResourcePolicy: {
    SecretId: text(1, 2048),
    ResourcePolicy: { ...policy, required: true },
  },
  GetRandomPassword: {
    PasswordLength: { type: "number", min: 1, max: 4096 },
    ExcludeCharacters: text(0, 4096),
    ExcludeNumbers: flag,
    ExcludePunctuation: flag,
    ExcludeUppercase: flag,
    ExcludeLowercase: flag,
    IncludeSpace: flag,
    RequireEachIncludedType: flag,
  },
};
