import type { ResourceType } from "./resource-type";
import { dashboard } from "./resources/dashboard";
import { gatewayApi } from "./resources/gateway-api";
import { gatewayIntegration } from "./resources/gateway-integration";
import { gatewayRoute } from "./resources/gateway-route";
import { gatewayStage } from "./resources/gateway-stage";
import { iamPolicy } from "./resources/iam-policy";
import { iamRole } from "./resources/iam-role";
import { iamRolePolicy } from "./resources/iam-role-policy";
import { iamRolePolicyAttachment } from "./resources/iam-role-policy-attachment";
import { kmsAlias } from "./resources/kms-alias";
import { kmsKey } from "./resources/kms-key";
import { lambdaEventInvokeConfig } from "./resources/lambda-event-invoke-config";
import { lambdaEventSourceMapping } from "./resources/lambda-event-source-mapping";
import { lambdaFunction } from "./resources/lambda-function";
import { lambdaInvocation } from "./resources/lambda-invocation";
import { lambdaPermission } from "./resources/lambda-permission";
import { logGroup } from "./resources/log-group";
import { metricAlarm } from "./resources/metric-alarm";
import { s3Bucket } from "./resources/s3-bucket";
import { s3BucketLifecycle } from "./resources/s3-bucket-lifecycle";
import { s3BucketVersioning } from "./resources/s3-bucket-versioning";
import { s3Object } from "./resources/s3-object";
import { s3PublicAccessBlock } from "./resources/s3-public-access-block";
import { schedule } from "./resources/schedule";
import { secret } from "./resources/secret";
import { secretPolicy } from "./resources/secret-policy";
import { secretRotation } from "./resources/secret-rotation";
import { secretVersion } from "./resources/secret-version";
import { snsTopic } from "./resources/sns-topic";
import { snsTopicPolicy } from "./resources/sns-topic-policy";
import { sqsQueue } from "./resources/sqs-queue";
import { stateMachine } from "./resources/state-machine";

/** Every resource type that is stood in for. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  iamRole,
  iamRolePolicy,
  iamRolePolicyAttachment,
  kmsAlias,
  kmsKey,
  lambdaEventInvokeConfig,
  lambdaEventSourceMapping,
  lambdaFunction,
  lambdaInvocation,
  lambdaPermission,
  logGroup,
  secret,
  secretRotation,
  secretVersion,
  dashboard,
  gatewayApi,
  gatewayIntegration,
  gatewayRoute,
  gatewayStage,
  iamPolicy,
  metricAlarm,
  s3Bucket,
  s3BucketLifecycle,
  s3BucketVersioning,
  s3Object,
  s3PublicAccessBlock,
  schedule,
  secretPolicy,
  snsTopic,
  snsTopicPolicy,
  sqsQueue,
  stateMachine,
];
