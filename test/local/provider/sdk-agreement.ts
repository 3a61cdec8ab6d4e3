import type * as aws from "@pulumi/aws";
import type { dashboardTable } from "../../../local/provider/resources/dashboard";
import type { gatewayApiTable } from "../../../local/provider/resources/gateway-api";
import type { gatewayIntegrationTable } from "../../../local/provider/resources/gateway-integration";
import type { gatewayRouteTable } from "../../../local/provider/resources/gateway-route";
import type { gatewayStageTable } from "../../../local/provider/resources/gateway-stage";
import type { policyTable } from "../../../local/provider/resources/iam-policy";
import type { roleTable } from "../../../local/provider/resources/iam-role";
import type { rolePolicyTable } from "../../../local/provider/resources/iam-role-policy";
import type { rolePolicyAttachmentTable } from "../../../local/provider/resources/iam-role-policy-attachment";
import type { aliasTable } from "../../../local/provider/resources/kms-alias";
import type { keyTable } from "../../../local/provider/resources/kms-key";
import type { eventInvokeConfigTable } from "../../../local/provider/resources/lambda-event-invoke-config";
import type { eventSourceMappingTable } from "../../../local/provider/resources/lambda-event-source-mapping";
import type { functionTable } from "../../../local/provider/resources/lambda-function-table";
import type { invocationTable } from "../../../local/provider/resources/lambda-invocation";
import type { permissionTable } from "../../../local/provider/resources/lambda-permission";
import type { logGroupTable } from "../../../local/provider/resources/log-group";
import type { metricAlarmTable } from "../../../local/provider/resources/metric-alarm";
import type { bucketTable } from "../../../local/provider/resources/s3-bucket";
import type { bucketLifecycleTable } from "../../../local/provider/resources/s3-bucket-lifecycle";
import type { bucketVersioningTable } from "../../../local/provider/resources/s3-bucket-versioning";
import type { objectTable } from "../../../local/provider/resources/s3-object";
import type { publicAccessBlockTable } from "../../../local/provider/resources/s3-public-access-block";
import type { scheduleTable } from "../../../local/provider/resources/schedule";
import type { secretTable } from "../../../local/provider/resources/secret";
import type { secretPolicyTable } from "../../../local/provider/resources/secret-policy";
import type { secretRotationTable } from "../../../local/provider/resources/secret-rotation";
import type { secretVersionTable } from "../../../local/provider/resources/secret-version";
import type { topicTable } from "../../../local/provider/resources/sns-topic";
import type { topicPolicyTable } from "../../../local/provider/resources/sns-topic-policy";
import type { queueTable } from "../../../local/provider/resources/sqs-queue";
import type { stateMachineTable } from "../../../local/provider/resources/state-machine";
import type { Table } from "../../../local/provider/table";

// Checked by the type checker: the tables' names are those of the official SDK.
type Inputs<T extends Table> = {
  [K in keyof T]: T[K] extends { input: true } ? K : never;
}[keyof T];
type Required<T extends Table> = {
  [K in keyof T]: T[K] extends { required: true } ? K : never;
}[keyof T];
type RequiredOf<Args> = {
  [K in keyof Args]-?: undefined extends Args[K] ? never : K;
}[keyof Args];

/** True where the table agrees with the SDK; else the names that do not. `Left` are not stood in for. */
type Agrees<T extends Table, Args, State, Left extends keyof Args = never> = Report<{
  unknownInputs: Exclude<Inputs<T>, keyof Args>;
  unknownOutputs: Exclude<keyof T, keyof State>;
  notRequiredOfficially: Exclude<Required<T>, RequiredOf<Args>>;
  requiredOfficially: Exclude<RequiredOf<Args>, Required<T> | Left>;
  neitherInNorLeftOut: Exclude<keyof Args, Inputs<T> | Left>;
}>;
type Report<R extends Record<string, unknown>> = [R[keyof R]] extends [never] ? true : R;

interface Agreement {
  kmsKey: Agrees<typeof keyTable, aws.kms.KeyArgs, aws.kms.Key, "customKeyStoreId" | "xksKeyId">;
  kmsAlias: Agrees<typeof aliasTable, aws.kms.AliasArgs, aws.kms.Alias>;
  secret: Agrees<
    typeof secretTable,
    aws.secretsmanager.SecretArgs,
    aws.secretsmanager.Secret,
    "replicas" | "type"
  >;
  secretVersion: Agrees<
    typeof secretVersionTable,
    aws.secretsmanager.SecretVersionArgs,
    aws.secretsmanager.SecretVersion,
    "secretStringWo" | "secretStringWoVersion"
  >;
  secretRotation: Agrees<
    typeof secretRotationTable,
    aws.secretsmanager.SecretRotationArgs,
    aws.secretsmanager.SecretRotation,
    "externalSecretRotationMetadatas" | "externalSecretRotationRoleArn"
  >;
  secretPolicy: Agrees<
    typeof secretPolicyTable,
    aws.secretsmanager.SecretPolicyArgs,
    aws.secretsmanager.SecretPolicy
  >;
  role: Agrees<
    typeof roleTable,
    aws.iam.RoleArgs,
    aws.iam.Role,
    "inlinePolicies" | "managedPolicyArns"
  >;
  rolePolicy: Agrees<typeof rolePolicyTable, aws.iam.RolePolicyArgs, aws.iam.RolePolicy>;
  eventInvokeConfig: Agrees<
    typeof eventInvokeConfigTable,
    aws.lambda.FunctionEventInvokeConfigArgs,
    aws.lambda.FunctionEventInvokeConfig
  >;
  eventSourceMapping: Agrees<
    typeof eventSourceMappingTable,
    aws.lambda.EventSourceMappingArgs,
    aws.lambda.EventSourceMapping,
    | "amazonManagedKafkaEventSourceConfig"
    | "bisectBatchOnFunctionError"
    | "destinationConfig"
    | "documentDbEventSourceConfig"
    | "filterCriteria"
    | "kmsKeyArn"
    | "maximumRecordAgeInSeconds"
    | "maximumRetryAttempts"
    | "metricsConfig"
    | "parallelizationFactor"
    | "provisionedPollerConfig"
    | "queues"
    | "selfManagedEventSource"
    | "selfManagedKafkaEventSourceConfig"
    | "sourceAccessConfigurations"
    | "startingPosition"
    | "startingPositionTimestamp"
    | "topics"
    | "tumblingWindowInSeconds"
    | "useResourceTimeoutForPropagation"
  >;
  rolePolicyAttachment: Agrees<
    typeof rolePolicyAttachmentTable,
    aws.iam.RolePolicyAttachmentArgs,
    aws.iam.RolePolicyAttachment
  >;
  policy: Agrees<typeof policyTable, aws.iam.PolicyArgs, aws.iam.Policy>;
  dashboard: Agrees<typeof dashboardTable, aws.cloudwatch.DashboardArgs, aws.cloudwatch.Dashboard>;
  lambdaFunction: Agrees<
    typeof functionTable,
    aws.lambda.FunctionArgs,
    aws.lambda.Function,
    | "capacityProviderConfig"
    | "codeSigningConfigArn"
    | "durableConfig"
    | "fileSystemConfig"
    | "imageConfig"
    | "imageUri"
    | "publishTo"
    | "replaceSecurityGroupsOnDestroy"
    | "replacementSecurityGroupIds"
    | "s3Bucket"
    | "s3Key"
    | "s3ObjectVersion"
    | "snapStart"
    | "sourceKmsKeyArn"
    | "tenancyConfig"
    | "useResourceTimeoutForPropagation"
  >;
  permission: Agrees<typeof permissionTable, aws.lambda.PermissionArgs, aws.lambda.Permission>;
  invocation: Agrees<
    typeof invocationTable,
    aws.lambda.InvocationArgs,
    aws.lambda.Invocation,
    "tenantId"
  >;
  logGroup: Agrees<
    typeof logGroupTable,
    aws.cloudwatch.LogGroupArgs,
    aws.cloudwatch.LogGroup,
    "deletionProtectionEnabled"
  >;
  metricAlarm: Agrees<
    typeof metricAlarmTable,
    aws.cloudwatch.MetricAlarmArgs,
    aws.cloudwatch.MetricAlarm,
    "evaluationCriteria" | "evaluationInterval" | "warmUpConfiguration"
  >;
  topic: Agrees<
    typeof topicTable,
    aws.sns.TopicArgs,
    aws.sns.Topic,
    | Extract<keyof aws.sns.TopicArgs, `${string}Feedback${string}`>
    | "archivePolicy"
    | "contentBasedDeduplication"
    | "fifoThroughputScope"
    | "fifoTopic"
  >;
  topicPolicy: Agrees<typeof topicPolicyTable, aws.sns.TopicPolicyArgs, aws.sns.TopicPolicy>;
  queue: Agrees<
    typeof queueTable,
    aws.sqs.QueueArgs,
    aws.sqs.Queue,
    | "contentBasedDeduplication"
    | "deduplicationScope"
    | "fifoQueue"
    | "fifoThroughputLimit"
    | "kmsDataKeyReusePeriodSeconds"
  >;
  bucket: Agrees<
    typeof bucketTable,
    aws.s3.BucketArgs,
    aws.s3.Bucket,
    | "accelerationStatus"
    | "acl"
    | "bucketNamespace"
    | "bucketPrefix"
    | "corsRules"
    | "grants"
    | "lifecycleRules"
    | "logging"
    | "objectLockConfiguration"
    | "objectLockEnabled"
    | "policy"
    | "replicationConfiguration"
    | "requestPayer"
    | "serverSideEncryptionConfiguration"
    | "versioning"
    | "website"
  >;
  bucketLifecycle: Agrees<
    typeof bucketLifecycleTable,
    aws.s3.BucketLifecycleConfigurationArgs,
    aws.s3.BucketLifecycleConfiguration,
    "timeouts"
  >;
  bucketVersioning: Agrees<
    typeof bucketVersioningTable,
    aws.s3.BucketVersioningArgs,
    aws.s3.BucketVersioning
  >;
  publicAccessBlock: Agrees<
    typeof publicAccessBlockTable,
    aws.s3.BucketPublicAccessBlockArgs,
    aws.s3.BucketPublicAccessBlock
  >;
  object: Agrees<
    typeof objectTable,
    aws.s3.BucketObjectv2Args,
    aws.s3.BucketObjectv2,
    | "acl"
    | "bucketKeyEnabled"
    | "cacheControl"
    | "checksumAlgorithm"
    | "content"
    | "contentBase64"
    | "contentDisposition"
    | "contentEncoding"
    | "contentLanguage"
    | "kmsKeyId"
    | "metadata"
    | "objectLockLegalHoldStatus"
    | "objectLockMode"
    | "objectLockRetainUntilDate"
    | "overrideProvider"
    | "sourceHash"
    | "storageClass"
    | "tags"
    | "websiteRedirect"
  >;
  stateMachine: Agrees<
    typeof stateMachineTable,
    aws.sfn.StateMachineArgs,
    aws.sfn.StateMachine,
    "encryptionConfiguration" | "loggingConfiguration" | "tracingConfiguration"
  >;
  schedule: Agrees<typeof scheduleTable, aws.scheduler.ScheduleArgs, aws.scheduler.Schedule>;
  api: Agrees<
    typeof gatewayApiTable,
    aws.apigatewayv2.ApiArgs,
    aws.apigatewayv2.Api,
    "body" | "credentialsArn" | "failOnWarnings" | "routeKey" | "target"
  >;
  stage: Agrees<
    typeof gatewayStageTable,
    aws.apigatewayv2.StageArgs,
    aws.apigatewayv2.Stage,
    "routeSettings"
  >;
  route: Agrees<
    typeof gatewayRouteTable,
    aws.apigatewayv2.RouteArgs,
    aws.apigatewayv2.Route,
    "requestParameters"
  >;
  integration: Agrees<
    typeof gatewayIntegrationTable,
    aws.apigatewayv2.IntegrationArgs,
    aws.apigatewayv2.Integration,
    "responseParameters" | "tlsConfig"
  >;
}

/** One entry for each table; a table that disagrees does not type-check here. */
export const AGREEMENT: Agreement = {
  kmsKey: true,
  kmsAlias: true,
  secret: true,
  secretVersion: true,
  secretRotation: true,
  secretPolicy: true,
  role: true,
  rolePolicy: true,
  rolePolicyAttachment: true,
  eventInvokeConfig: true,
  eventSourceMapping: true,
  policy: true,
  lambdaFunction: true,
  permission: true,
  invocation: true,
  dashboard: true,
  logGroup: true,
  metricAlarm: true,
  topic: true,
  topicPolicy: true,
  queue: true,
  bucket: true,
  bucketLifecycle: true,
  bucketVersioning: true,
  publicAccessBlock: true,
  object: true,
  stateMachine: true,
  schedule: true,
  api: true,
  stage: true,
  route: true,
  integration: true,
};
