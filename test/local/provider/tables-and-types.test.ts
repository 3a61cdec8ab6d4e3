import type * as aws from "@pulumi/aws";
import { RESOURCE_TYPES } from "../../../local/provider/resource-types";
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
import type { functionTable } from "../../../local/provider/resources/lambda-function-table";
import type { invocationTable } from "../../../local/provider/resources/lambda-invocation";
import type { permissionTable } from "../../../local/provider/resources/lambda-permission";
import type { logGroupTable } from "../../../local/provider/resources/log-group";
import type { metricAlarmTable } from "../../../local/provider/resources/metric-alarm";
import type { scheduleTable } from "../../../local/provider/resources/schedule";
import type { secretTable } from "../../../local/provider/resources/secret";
import type { secretPolicyTable } from "../../../local/provider/resources/secret-policy";
import type { secretRotationTable } from "../../../local/provider/resources/secret-rotation";
import type { secretVersionTable } from "../../../local/provider/resources/secret-version";
import type { topicTable } from "../../../local/provider/resources/sns-topic";
import type { topicPolicyTable } from "../../../local/provider/resources/sns-topic-policy";
import type { Row, Table } from "../../../local/provider/table";

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
  rolePolicyAttachment: Agrees<
    typeof rolePolicyAttachmentTable,
    aws.iam.RolePolicyAttachmentArgs,
    aws.iam.RolePolicyAttachment
  >;
  policy: Agrees<typeof policyTable, aws.iam.PolicyArgs, aws.iam.Policy>;
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

const AGREEMENT: Agreement = {
  kmsKey: true,
  kmsAlias: true,
  secret: true,
  secretVersion: true,
  secretRotation: true,
  secretPolicy: true,
  role: true,
  rolePolicy: true,
  rolePolicyAttachment: true,
  policy: true,
  lambdaFunction: true,
  permission: true,
  invocation: true,
  logGroup: true,
  metricAlarm: true,
  topic: true,
  topicPolicy: true,
  schedule: true,
  api: true,
  stage: true,
  route: true,
  integration: true,
};

test("every table is compared with the official SDK by the type checker", () => {
  expect(Object.keys(AGREEMENT)).toHaveLength(RESOURCE_TYPES.length);
});

const rowsOf = (table: Table): Row[] =>
  Object.values(table).flatMap((row) => [row, ...(row.of ? rowsOf(row.of) : [])]);

test.each(RESOURCE_TYPES.map((type) => [type.token, type] as const))(
  "every row of %s names the provider's source file",
  (_token, type) => {
    for (const row of rowsOf(type.table)) expect(row.source).toMatch(/^internal\/.+\.go$/);
  },
);

const namesWhere = (table: Table, matches: (row: Row) => boolean): string[] =>
  Object.entries(table)
    .filter(([, row]) => matches(row))
    .map(([name]) => name)
    .sort();

// Read from the official provider's schemas, not from our tables: a wrong table fails here.
const FACTS = [
  {
    token: "aws:kms/key:Key",
    forceNew: ["customerMasterKeySpec", "keyUsage", "multiRegion", "region"],
    kept: ["bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"],
    initial: {
      bypassPolicyLockoutSafetyCheck: false,
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      enableKeyRotation: false,
      isEnabled: true,
      keyUsage: "ENCRYPT_DECRYPT",
    },
  },
  {
    token: "aws:kms/alias:Alias",
    forceNew: ["name", "namePrefix", "region"],
    kept: ["namePrefix"],
    initial: {},
  },
  {
    token: "aws:secretsmanager/secret:Secret",
    forceNew: ["name", "namePrefix", "region"],
    kept: ["forceOverwriteReplicaSecret", "namePrefix", "recoveryWindowInDays"],
    initial: { forceOverwriteReplicaSecret: false, recoveryWindowInDays: 30 },
  },
  {
    token: "aws:secretsmanager/secretVersion:SecretVersion",
    forceNew: ["region", "secretBinary", "secretId", "secretString"],
    kept: [],
    initial: {},
  },
  {
    token: "aws:secretsmanager/secretRotation:SecretRotation",
    forceNew: ["region", "secretId"],
    kept: ["rotateImmediately"],
    initial: { rotateImmediately: true },
  },
  {
    token: "aws:secretsmanager/secretPolicy:SecretPolicy",
    forceNew: ["region", "secretArn"],
    kept: ["blockPublicPolicy"],
    initial: {},
  },
  {
    token: "aws:iam/role:Role",
    forceNew: ["name", "namePrefix", "path"],
    kept: ["forceDetachPolicies", "namePrefix"],
    initial: { forceDetachPolicies: false, maxSessionDuration: 3600, path: "/" },
  },
  {
    token: "aws:iam/rolePolicy:RolePolicy",
    forceNew: ["name", "namePrefix", "role"],
    kept: ["namePrefix"],
    initial: {},
  },
  {
    token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    forceNew: ["policyArn", "role"],
    kept: [],
    initial: {},
  },
  {
    token: "aws:iam/policy:Policy",
    forceNew: ["description", "name", "namePrefix", "path"],
    kept: ["delayAfterPolicyCreationInMs", "namePrefix"],
    initial: { path: "/" },
  },
  {
    token: "aws:lambda/function:Function",
    forceNew: ["name", "packageType", "region"],
    kept: ["code", "publish", "skipDestroy", "sourceCodeHash"],
    initial: {
      memorySize: 128,
      packageType: "Zip",
      publish: false,
      reservedConcurrentExecutions: -1,
      skipDestroy: false,
      timeout: 3,
    },
  },
  {
    token: "aws:lambda/permission:Permission",
    forceNew: [
      "action",
      "eventSourceToken",
      "function",
      "functionUrlAuthType",
      "invokedViaFunctionUrl",
      "principal",
      "principalOrgId",
      "qualifier",
      "region",
      "sourceAccount",
      "sourceArn",
      "statementId",
      "statementIdPrefix",
    ],
    kept: ["statementIdPrefix"],
    initial: {},
  },
  {
    token: "aws:lambda/invocation:Invocation",
    forceNew: ["functionName", "input", "qualifier", "region", "triggers"],
    kept: [
      "functionName",
      "input",
      "lifecycleScope",
      "qualifier",
      "result",
      "terraformKey",
      "triggers",
    ],
    initial: { lifecycleScope: "CREATE_ONLY", qualifier: "$LATEST", terraformKey: "tf" },
  },
  {
    token: "aws:cloudwatch/logGroup:LogGroup",
    forceNew: ["logGroupClass", "name", "namePrefix", "region"],
    kept: ["namePrefix", "skipDestroy"],
    initial: { retentionInDays: 0, skipDestroy: false },
  },
  {
    token: "aws:cloudwatch/metricAlarm:MetricAlarm",
    forceNew: ["name", "region"],
    kept: [],
    initial: { actionsEnabled: true, treatMissingData: "missing" },
  },
  {
    token: "aws:sns/topic:Topic",
    forceNew: ["name", "namePrefix", "region"],
    kept: ["namePrefix"],
    initial: {},
  },
  {
    token: "aws:sns/topicPolicy:TopicPolicy",
    forceNew: ["arn", "region"],
    kept: [],
    initial: {},
  },
  {
    token: "aws:scheduler/schedule:Schedule",
    forceNew: ["groupName", "name", "namePrefix", "region"],
    kept: ["namePrefix"],
    initial: { scheduleExpressionTimezone: "UTC", state: "ENABLED" },
  },
  {
    token: "aws:apigatewayv2/api:Api",
    forceNew: ["protocolType", "region"],
    kept: [],
    initial: {
      apiKeySelectionExpression: "$request.header.x-api-key",
      routeSelectionExpression: "$request.method $request.path",
    },
  },
  {
    token: "aws:apigatewayv2/stage:Stage",
    forceNew: ["apiId", "name", "region"],
    kept: [],
    initial: { autoDeploy: false },
  },
  {
    token: "aws:apigatewayv2/route:Route",
    forceNew: ["apiId", "region"],
    kept: [],
    initial: { apiKeyRequired: false, authorizationType: "NONE" },
  },
  {
    token: "aws:apigatewayv2/integration:Integration",
    forceNew: ["apiId", "integrationSubtype", "integrationType", "region"],
    kept: [],
    initial: {
      connectionType: "INTERNET",
      passthroughBehavior: "WHEN_NO_MATCH",
      payloadFormatVersion: "1.0",
    },
  },
] as const;

test("the facts cover every resource type", () => {
  expect(FACTS.map(({ token }) => token as string).sort()).toEqual(
    RESOURCE_TYPES.map(({ token }) => token).sort(),
  );
});

test.each(FACTS.map((facts) => [facts.token, facts] as const))(
  "%s replaces, keeps and fills in as the official provider does",
  (token, facts) => {
    const type = RESOURCE_TYPES.find((candidate) => candidate.token === token);
    const table = type?.table ?? {};
    const initial = Object.entries(table).flatMap(([name, row]) =>
      row.initial === undefined ? [] : [[name, row.initial] as const],
    );
    expect(namesWhere(table, (row) => Boolean(row.forceNew))).toEqual(facts.forceNew);
    expect(namesWhere(table, (row) => row.read === "kept")).toEqual(facts.kept);
    expect(Object.fromEntries(initial)).toEqual(facts.initial);
  },
);

test("read sees nothing of the state but what locates the resource", () => {
  const locating = RESOURCE_TYPES.map(
    (type) => [type.token, namesWhere(type.table, (row) => Boolean(row.locates))] as const,
  ).filter(([, names]) => names.some((name) => name !== "region"));
  expect(Object.fromEntries(locating)).toEqual({
    "aws:apigatewayv2/integration:Integration": ["apiId", "region"],
    "aws:apigatewayv2/route:Route": ["apiId", "region"],
    "aws:apigatewayv2/stage:Stage": ["apiId", "region"],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
    "aws:lambda/permission:Permission": ["function", "qualifier", "region"],
  });
});
