import {
  encodePolicy,
  type Place,
  type Statement,
  secretsOf,
  throughSecretsManager,
} from "./statement";

/** What Secrets Manager writes in place of an ARN when it checks that a caller may use a new secret's key. */
const KEY_CHECK = "RequestToValidateKeyAccess";

/** Everything but the use of the key: whoever administers it cannot decrypt with it. */
const ADMINISTRATION = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:DisableKeyRotation",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListAliases",
  "kms:ListGrants",
  "kms:ListKeyPolicies",
  "kms:ListKeyRotations",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:RevokeGrant",
  "kms:RotateKeyOnDemand",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** The account's administrators look after the key; the wildcard is this very key, as in every key policy. */
export function mayAdministerKey(place: Place): Statement {
  return {
    Sid: "Administer",
    Effect: "Allow",
    Principal: { AWS: rootOf(place) },
    Action: ADMINISTRATION,
    Resource: "*",
  };
}

/** IAM of this account decides who decrypts, but only the fleet's secrets and only through Secrets Manager. */
export function mayUseKeyThroughSecretsManager(place: Place, prefix: string): Statement {
  return {
    Sid: "UseThroughSecretsManager",
    Effect: "Allow",
    Principal: { AWS: rootOf(place) },
    Action: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
    Resource: "*",
    Condition: {
      StringEquals: throughSecretsManager(place),
      StringLike: { "kms:EncryptionContext:SecretARN": [secretsOf(place, prefix), KEY_CHECK] },
    },
  };
}

/** Readers of other accounts, which this account's IAM cannot let in, decrypt the fleet's secrets. */
export function mayDecryptFromOutside(
  place: Place,
  prefix: string,
  readers: readonly string[],
): Statement {
  return {
    Sid: "DecryptFromOutside",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["kms:Decrypt"],
    Resource: "*",
    Condition: {
      ArnEquals: { "aws:PrincipalArn": readers },
      StringEquals: throughSecretsManager(place),
      StringLike: { "kms:EncryptionContext:SecretARN": secretsOf(place, prefix) },
    },
  };
}

/** The named roles, and nobody else in the account, seal and open with the key. */
export function maySealWithKey(place: Place, roleArns: readonly string[]): Statement {
  return {
    Sid: "Seal",
    Effect: "Allow",
    Principal: { AWS: rootOf(place) },
    Action: ["kms:Decrypt", "kms:Encrypt"],
    Resource: "*",
    Condition: { ArnEquals: { "aws:PrincipalArn": roleArns } },
  };
}

/** The named roles, and nobody else in the account, sign with the key. */
export function maySignWithKey(place: Place, roleArns: readonly string[]): Statement {
  return {
    Sid: "Sign",
    Effect: "Allow",
    Principal: { AWS: rootOf(place) },
    Action: ["kms:Sign"],
    Resource: "*",
    Condition: { ArnEquals: { "aws:PrincipalArn": roleArns } },
  };
}

/** IAM of this account decides who sees the public half, which is pasted at Shopify and no secret. */
export function mayReadPublicHalf(place: Place): Statement {
  return {
    Sid: "ReadPublicKey",
    Effect: "Allow",
    Principal: { AWS: rootOf(place) },
    Action: ["kms:GetPublicKey"],
    Resource: "*",
  };
}

/** The policy of the key of a stack's secrets; readers of this account need not stand in it. */
export function encodeSecretsKeyPolicy(
  place: Place,
  prefix: string,
  readers: readonly string[],
): string {
  const outside = readers.filter((reader) => reader.split(":")[4] !== place.accountId);
  return encodePolicy([
    mayAdministerKey(place),
    mayUseKeyThroughSecretsManager(place, prefix),
    ...(outside.length === 0 ? [] : [mayDecryptFromOutside(place, prefix, [...outside].sort())]),
  ]);
}

function rootOf({ partition, accountId }: Place): string {
  return `arn:${partition}:iam::${accountId}:root`;
}
