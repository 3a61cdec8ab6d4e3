import type { ResourceType } from "./resource-type";
import { iamRole } from "./resources/iam-role";
import { iamRolePolicy } from "./resources/iam-role-policy";
import { iamRolePolicyAttachment } from "./resources/iam-role-policy-attachment";
import { kmsAlias } from "./resources/kms-alias";
import { kmsKey } from "./resources/kms-key";
import { lambdaFunction } from "./resources/lambda-function";
import { lambdaInvocation } from "./resources/lambda-invocation";
import { lambdaPermission } from "./resources/lambda-permission";
import { logGroup } from "./resources/log-group";
import { secret } from "./resources/secret";
import { secretRotation } from "./resources/secret-rotation";
import { secretVersion } from "./resources/secret-version";

/** Every resource type that is stood in for. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  iamRole,
  iamRolePolicy,
  iamRolePolicyAttachment,
  kmsAlias,
  kmsKey,
  lambdaFunction,
  lambdaInvocation,
  lambdaPermission,
  logGroup,
  secret,
  secretRotation,
  secretVersion,
];
