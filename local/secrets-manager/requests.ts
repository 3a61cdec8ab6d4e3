import type { RotationRules, Tag } from "./state";

/** The requests after `checkInput`: as AWS's API model has them. */
export interface SecretIdRequest {
  readonly SecretId: string;
}

export interface ValueRequest {
  readonly ClientRequestToken?: string;
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
}

export interface CreateSecretRequest extends ValueRequest {
  readonly Name: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly Tags?: readonly Tag[];
  readonly Type?: string;
  readonly AddReplicaRegions?: readonly object[];
}

export interface PutSecretValueRequest extends ValueRequest, SecretIdRequest {
  readonly VersionStages?: readonly string[];
}

export interface UpdateSecretRequest extends ValueRequest, SecretIdRequest {
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly Type?: string;
}

export interface UpdateSecretVersionStageRequest extends SecretIdRequest {
  readonly VersionStage: string;
  readonly RemoveFromVersionId?: string;
  readonly MoveToVersionId?: string;
}

export interface GetSecretValueRequest extends SecretIdRequest {
  readonly VersionId?: string;
  readonly VersionStage?: string;
}

export interface PageRequest {
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

export interface Filter {
  readonly Key?: string;
  readonly Values?: readonly string[];
}

export interface BatchGetSecretValueRequest extends PageRequest {
  readonly SecretIdList?: readonly string[];
  readonly Filters?: readonly Filter[];
}

export interface ListSecretsRequest extends PageRequest {
  readonly IncludePlannedDeletion?: boolean;
  readonly Filters?: readonly Filter[];
  readonly SortOrder?: "asc" | "desc";
  readonly SortBy?: "created-date" | "last-accessed-date" | "last-changed-date" | "name";
}

export interface ListSecretVersionIdsRequest extends PageRequest, SecretIdRequest {
  readonly IncludeDeprecated?: boolean;
}

export interface TagResourceRequest extends SecretIdRequest {
  readonly Tags: readonly Tag[];
}

export interface UntagResourceRequest extends SecretIdRequest {
  readonly TagKeys: readonly string[];
}

export interface RotateSecretRequest extends SecretIdRequest {
  readonly ClientRequestToken?: string;
  readonly RotationLambdaARN?: string;
  readonly RotationRules?: RotationRules;
  readonly RotateImmediately?: boolean;
}

export interface DeleteSecretRequest extends SecretIdRequest {
  readonly RecoveryWindowInDays?: number;
  readonly ForceDeleteWithoutRecovery?: boolean;
}

export interface ResourcePolicyRequest {
  readonly SecretId?: string;
  readonly ResourcePolicy: string;
  readonly BlockPublicPolicy?: boolean;
}

export interface GetRandomPasswordRequest {
  readonly PasswordLength?: number;
  readonly ExcludeCharacters?: string;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly ExcludeLowercase?: boolean;
  readonly IncludeSpace?: boolean;
  readonly RequireEachIncludedType?: boolean;
}
