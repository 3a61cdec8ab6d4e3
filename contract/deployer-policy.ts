import { alarmsOf } from "./alarms";
import {
  accessLogGroupName,
  dashboardName,
  type FunctionRole,
  functionName,
  functionRoleName,
  functionRolesOf,
  listBucketArn,
  listMachineName,
  listMachineRoleName,
  logGroupName,
  noticeTopicName,
  PREFIX_TAG,
  sweepCallerRoleName,
  sweepScheduleName,
  workQueueName,
} from "./names";
import { encodePolicy, MANAGED_POLICY_MAX, type Place, type Statement } from "./policy";

/** What a stack's settings ask of its deployer. */
export interface Deployment {
  readonly place: Place;
  /** The head of the stack's secret names. */
  readonly prefix: string;
  /** Whether the functions run in a VPC. */
  readonly vpc: boolean;
  /** The S3 bucket that holds Pulumi's state. Default: the state is elsewhere. */
  readonly stateBucket?: string | undefined;
  /** The KMS key of Pulumi's secrets provider, by its ARN or as `alias/…`. Default: none. */
  readonly stateKey?: string | undefined;
  /**
   * The policy that bounds the stack's roles (`permissionsBoundary` in config). Default: none, and then whoever has
   * these policies is an administrator of the account: they may give a role of the stack any right, and run its code.
   */
  readonly boundaryArn?: string | undefined;
  /** Whether stores come from a list (`fleet` in config). Default: no. */
  readonly list?: boolean | undefined;
  /** Whether API Gateway writes access logs (`installAccessLog` in config). Default: no. */
  readonly accessLog?: boolean | undefined;
  /** Whether the sweep sends its work over a queue (`workQueue` in config). Default: no. */
  readonly workQueue?: boolean | undefined;
  /** Whether every merchant may install an app of the stack (`installs: open` in config), which has an alarm of its own. Default: no. */
  readonly openInstalls?: boolean | undefined;
}

/**
 * What whoever runs `pulumi up` may do, and no more: policies that each fit a managed policy.
 *
 * The deployer reads app secrets, which it writes, and no store secret.
 */
export function deployerPolicies(deployment: Deployment): string[] {
  const parts: Statement[][] = [[]];
  for (const statement of statementsOf(deployment)) {
    const last = parts.at(-1) ?? [];
    if (encodePolicy([...last, statement]).length <= MANAGED_POLICY_MAX) last.push(statement);
    else parts.push([statement]);
  }
  return parts.map(encodePolicy);
}

function statementsOf(deployment: Deployment): Statement[] {
  const stack = stackOf(deployment);
  return [
    ...secretStatements(stack),
    ...keyStatements(stack),
    ...looking(deployment, stack),
    ...functionStatements(stack),
    ...roleStatements(stack),
    ...runStatements(stack, deployment),
    ...(deployment.accessLog ? [deliveringLogs()] : []),
    ...(deployment.workQueue ? queueStatements(stack) : []),
    ...(deployment.list ? listStatements(stack) : []),
    ...alarmStatements(stack, deployment),
    ...stateStatements(deployment),
  ];
}

/** The names of a stack's resources, as ARNs. */
interface Stack {
  readonly place: Place;
  readonly prefix: string;
  readonly secrets: string;
  readonly keys: string;
  /** Whether stores come from a list. */
  readonly list: boolean;
  readonly functions: readonly string[];
  readonly roles: readonly string[];
  readonly boundaryArn: string | undefined;
  /** The functions that it has. */
  readonly functionRoles: readonly FunctionRole[];
  arn(service: string, resource: string): string;
}

function stackOf({ place, prefix, boundaryArn, workQueue, list = false }: Deployment): Stack {
  const { partition, region, accountId } = place;
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  const functionRoles = functionRolesOf({ workQueue, list });
  const roleNames = [
    ...functionRoles.map((role) => functionRoleName(prefix, role, region)),
    sweepCallerRoleName(prefix, region),
    ...(list ? [listMachineRoleName(prefix, region)] : []),
  ];
  return {
    place,
    prefix,
    boundaryArn,
    secrets: arn("secretsmanager", `secret:${prefix}`),
    keys: arn("kms", "key/*"),
    functionRoles,
    list,
    functions: functionRoles.map((role) => arn("lambda", `function:${functionName(prefix, role)}`)),
    roles: roleNames.map((name) => `arn:${partition}:iam::${accountId}:role/${name}`),
    arn,
  };
}

function secretStatements({ secrets }: Stack): Statement[] {
  return [
    allow("Secrets", `${secrets}/*`, [
      "secretsmanager:CancelRotateSecret",
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteResourcePolicy",
      "secretsmanager:DeleteSecret",
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetResourcePolicy",
      "secretsmanager:PutResourcePolicy",
      "secretsmanager:RotateSecret",
      "secretsmanager:TagResource",
      "secretsmanager:UntagResource",
      "secretsmanager:UpdateSecret",
    ]),
    allow("AppCredentials", `${secrets}/apps/*`, [
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ]),
  ];
}

function keyStatements(stack: Stack): Statement[] {
  const { place, prefix, keys, arn } = stack;
  return [
    {
      ...allow("KeysThroughSecretsManager", keys, [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
      ]),
      Condition: {
        StringEquals: { "kms:ViaService": `secretsmanager.${place.region}.amazonaws.com` },
        ...forOwnSecrets(stack),
      },
    },
    ...(stack.boundaryArn === undefined
      ? [allow("Keys", [keys, arn("kms", `alias/${prefix}/*`)], [...KEY_ACTIONS, ...KEY_TAGS])]
      : [
          { ...allow("Keys", keys, [...KEY_ACTIONS, ...KEY_TAGS]), Condition: ownOnly(stack) },
          allow("KeyAliases", arn("kms", `alias/${prefix}/*`), ALIAS_ACTIONS),
          // A key is tagged as it is made, when it has neither a tag nor an alias yet.
          {
            ...allow("TagKeysToCome", keys, ["kms:TagResource"]),
            Condition: { ...asOwn(stack), Null: { "kms:ResourceAliases": "true" } },
          },
          {
            ...deny("KeysOfOthers", keys, [...KEY_ACTIONS, ...KEY_TAGS]),
            Condition: ofOthers(stack),
          },
        ]),
  ];
}

const ALIAS_ACTIONS = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"];
const KEY_TAGS = ["kms:TagResource", "kms:UntagResource"];
const KEY_ACTIONS = [
  ...ALIAS_ACTIONS,
  "kms:DescribeKey",
  "kms:EnableKeyRotation",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:ScheduleKeyDeletion",
  "kms:UpdateKeyDescription",
];

type Condition = NonNullable<Statement["Condition"]>;

/** On what has the tag of this stack. */
function ownOnly({ prefix }: Stack): Condition {
  return { StringEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: prefix } };
}

/** With the tag of this stack, as something is made or tagged. */
function asOwn({ prefix }: Stack): Condition {
  return { StringEquals: { [`aws:RequestTag/${PREFIX_TAG}`]: prefix } };
}

/** On what has the tag of another stack. */
function ofOthers({ prefix }: Stack): Condition {
  return {
    Null: { [`aws:ResourceTag/${PREFIX_TAG}`]: "false" },
    StringNotEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: prefix },
  };
}

/** On an API that has another name than the stack's; what is in an API has no name of it. */
function namedOtherwise({ prefix }: Stack): Condition {
  return {
    Null: { "apigateway:Resource/ApiName": "false" },
    StringNotEquals: { "apigateway:Resource/ApiName": functionName(prefix, "install") },
  };
}

/** Secrets Manager checks the key of a new secret under a name of its own. */
function forOwnSecrets({ secrets, boundaryArn }: Stack): Condition {
  if (boundaryArn === undefined) return {};
  const contexts = [`${secrets}/*`, "RequestToValidateKeyAccess"];
  return { StringLike: { "kms:EncryptionContext:SecretARN": contexts } };
}

/** What AWS offers no narrower resource for, or what is looked for before it is there. */
function looking({ vpc }: Deployment, stack: Stack): Statement[] {
  const network = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"];
  const isBounded = stack.boundaryArn !== undefined;
  return [
    allow("KeysToComeAndLooking", "*", [
      ...(isBounded ? [] : ["kms:CreateKey"]),
      "kms:ListAliases",
      "kms:ListKeys",
      "logs:DescribeLogGroups",
      "secretsmanager:ListSecrets",
      "cloudwatch:DescribeAlarms",
      "sts:GetCallerIdentity",
      ...(vpc ? network : []),
    ]),
    ...(isBounded
      ? [{ ...allow("KeysToCome", "*", ["kms:CreateKey"]), Condition: asOwn(stack) }]
      : []),
  ];
}

/** What API Gateway asks of whoever switches access logs on (its developer guide, "Configure logging for HTTP APIs"). */
function deliveringLogs(): Statement {
  return allow("DeliverAccessLogs", "*", [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
  ]);
}

/** The qualifier that the provider's Invocation always names: Lambda then asks for the qualified ARN. */
const QUALIFIER = "$LATEST";

function functionStatements({ prefix, functions, arn }: Stack): Statement[] {
  const named = (role: "enrol" | "rotate") =>
    arn("lambda", `function:${functionName(prefix, role)}`);
  return [
    allow("Functions", functions, [
      "lambda:AddPermission",
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:DeleteFunctionEventInvokeConfig",
      "lambda:GetFunction",
      "lambda:GetFunctionCodeSigningConfig",
      "lambda:GetFunctionConfiguration",
      "lambda:GetFunctionEventInvokeConfig",
      "lambda:GetPolicy",
      "lambda:ListVersionsByFunction",
      "lambda:PutFunctionEventInvokeConfig",
      "lambda:RemovePermission",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
    ]),
    // RotateSecret asks for the right to invoke the rotation function, whose ARN is unqualified there.
    allow("Enrol", [`${named("enrol")}:${QUALIFIER}`, named("rotate")], ["lambda:InvokeFunction"]),
  ];
}

function roleStatements({ roles, boundaryArn, list }: Stack): Statement[] {
  const services = ["lambda.amazonaws.com", "scheduler.amazonaws.com"];
  return [
    ...(boundaryArn === undefined
      ? [allow("Roles", roles, [...ROLE_LOOKS, ...ROLE_CHANGES, "iam:UpdateAssumeRolePolicy"])]
      : boundedRoles(roles, boundaryArn)),
    {
      ...allow("RolesForTheirServices", roles, ["iam:PassRole"]),
      Condition: {
        StringEquals: {
          "iam:PassedToService": list ? [...services, "states.amazonaws.com"] : services,
        },
      },
    },
  ];
}

const ROLE_LOOKS = [
  "iam:GetRole",
  "iam:GetRolePolicy",
  "iam:ListAttachedRolePolicies",
  "iam:ListInstanceProfilesForRole",
  "iam:ListRolePolicies",
];
const ROLE_CHANGES = [
  "iam:CreateRole",
  "iam:DeleteRole",
  "iam:DeleteRolePolicy",
  "iam:DetachRolePolicy",
  "iam:PutRolePolicy",
  "iam:TagRole",
  "iam:UntagRole",
  "iam:UpdateRole",
  "iam:UpdateRoleDescription",
];
/** The changes that IAM judges by the role's boundary. */
const GIVING = ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"];

/** A role of the stack is made with the boundary and gets no right without it; nobody else is let into it. */
function boundedRoles(roles: readonly string[], boundaryArn: string): Statement[] {
  const rest = ROLE_CHANGES.filter((action) => !GIVING.includes(action));
  return [
    allow("Roles", roles, [...ROLE_LOOKS, ...rest]),
    {
      ...allow("BoundedRoles", roles, GIVING),
      Condition: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
    },
    deny("RolesStayBounded", roles, ["iam:DeleteRolePermissionsBoundary"]),
    deny("TheBoundaryStays", boundaryArn, [
      "iam:CreatePolicyVersion",
      "iam:DeletePolicy",
      "iam:DeletePolicyVersion",
      "iam:SetDefaultPolicyVersion",
    ]),
  ];
}

/** What lies around the functions: logs, the sweep's schedule, the install endpoint. */
function runStatements(stack: Stack, { accessLog }: Deployment): Statement[] {
  const { prefix, arn, functionRoles } = stack;
  const groups = functionRoles.map((role) => logGroupName(prefix, role));
  if (accessLog) groups.push(accessLogGroupName(prefix));
  return [
    // Tags are asked for on the group itself, all else on what is in it too.
    allow(
      "Logs",
      groups.flatMap((group) => logGroupArns(arn, group)),
      [
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
      ],
    ),
    allow("Schedule", arn("scheduler", `schedule/default/${sweepScheduleName(prefix)}`), [
      "scheduler:CreateSchedule",
      "scheduler:DeleteSchedule",
      "scheduler:GetSchedule",
      "scheduler:UpdateSchedule",
    ]),
    ...apiStatements(stack),
  ];
}

/**
 * The queue of a large fleet's workers, and what connects it with them: a mapping's ARN is AWS's to make up, so that
 * only the function that it is for can narrow it (Service Authorization Reference, `lambda:FunctionArn`).
 */
function queueStatements({ prefix, arn }: Stack): Statement[] {
  const worker = arn("lambda", `function:${functionName(prefix, "work")}`);
  return [
    allow("WorkQueue", arn("sqs", workQueueName(prefix)), [
      "sqs:CreateQueue",
      "sqs:DeleteQueue",
      "sqs:GetQueueAttributes",
      "sqs:GetQueueUrl",
      "sqs:ListQueueTags",
      "sqs:SetQueueAttributes",
      "sqs:TagQueue",
      "sqs:UntagQueue",
    ]),
    {
      ...allow("Orders", "*", [
        "lambda:CreateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:UpdateEventSourceMapping",
      ]),
      Condition: { ArnEquals: { "lambda:FunctionArn": worker } },
    },
    // What is read has no condition of its own.
    allow("OrdersToLookAt", arn("lambda", "event-source-mapping:*"), [
      "lambda:GetEventSourceMapping",
      "lambda:ListTags",
      "lambda:TagResource",
      "lambda:UntagResource",
    ]),
  ];
}

const API_ACTIONS = [
  "apigateway:DELETE",
  "apigateway:GET",
  "apigateway:PATCH",
  "apigateway:POST",
  "apigateway:PUT",
];

/** What is asked of an API that is there; POST makes what is new, which has no name yet. */
const ON_A_NAMED_API = API_ACTIONS.filter((action) => action !== "apigateway:POST");

function apiStatements(stack: Stack): Statement[] {
  const { place, boundaryArn } = stack;
  const head = `arn:${place.partition}:apigateway:${place.region}::`;
  const [apis, api, tags] = [`${head}/apis`, `${head}/apis/*`, `${head}/tags/*`];
  if (boundaryArn === undefined) return [allow("InstallEndpoint", [apis, api, tags], API_ACTIONS)];
  return [
    { ...allow("InstallEndpoint", api, API_ACTIONS), Condition: ownOnly(stack) },
    {
      ...allow("EndpointToCome", [apis, tags], ["apigateway:POST", "apigateway:PUT"]),
      Condition: asOwn(stack),
    },
    allow("EndpointTags", tags, ["apigateway:GET"]),
    { ...deny("ApisOfOthers", api, API_ACTIONS), Condition: ofOthers(stack) },
    // Whoever may tag an API may tag another's: no condition narrows that, but an API's name cannot be taken.
    { ...deny("ApisOfOtherNames", api, ON_A_NAMED_API), Condition: namedOtherwise(stack) },
  ];
}

function alarmStatements(
  { place, prefix, arn, functionRoles }: Stack,
  { openInstalls }: Deployment,
): Statement[] {
  const { partition, region, accountId } = place;
  const dashboard = `arn:${partition}:cloudwatch::${accountId}:dashboard/${dashboardName(prefix, region)}`;
  return [
    allow(
      "Alarms",
      alarmsOf(prefix, functionRoles, openInstalls).map(({ name }) =>
        arn("cloudwatch", `alarm:${name}`),
      ),
      [
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
      ],
    ),
    // A dashboard's ARN has no region.
    allow("Dashboard", dashboard, [
      "cloudwatch:DeleteDashboards",
      "cloudwatch:GetDashboard",
      "cloudwatch:PutDashboard",
    ]),
    allow("Notices", arn("sns", noticeTopicName(prefix)), [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:GetTopicAttributes",
      "sns:ListTagsForResource",
      "sns:SetTopicAttributes",
      "sns:TagResource",
      "sns:UntagResource",
    ]),
  ];
}

/** The bucket with the list, and the state machine that applies it. */
function listStatements({ prefix, place, arn }: Stack): Statement[] {
  const bucket = listBucketArn(prefix, place);
  return [
    allow("ListBucket", bucket, [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      ...BUCKET_LOOKS,
      "s3:ListBucket",
      "s3:ListBucketVersions",
      "s3:ListTagsForResource",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutBucketVersioning",
      "s3:PutLifecycleConfiguration",
      "s3:TagResource",
      "s3:UntagResource",
    ]),
    allow("ListObjects", `${bucket}/*`, [
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:GetObject",
      "s3:GetObjectTagging",
      "s3:PutObject",
    ]),
    allow("ListMachine", arn("states", `stateMachine:${listMachineName(prefix)}`), [
      "states:CreateStateMachine",
      "states:DeleteStateMachine",
      "states:DescribeStateMachine",
      "states:ListStateMachineVersions",
      "states:ListTagsForResource",
      "states:TagResource",
      "states:UntagResource",
      "states:UpdateStateMachine",
    ]),
    allow("ProveMachines", "*", ["states:ValidateStateMachineDefinition"]),
  ];
}

/** What the provider asks of a bucket each time (internal/service/s3/bucket.go, resourceBucketRead). */
const BUCKET_LOOKS = [
  "s3:GetAccelerateConfiguration",
  "s3:GetBucketAcl",
  "s3:GetBucketCORS",
  "s3:GetBucketLogging",
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetBucketPolicy",
  "s3:GetBucketPublicAccessBlock",
  "s3:GetBucketRequestPayment",
  "s3:GetBucketTagging",
  "s3:GetBucketVersioning",
  "s3:GetBucketWebsite",
  "s3:GetEncryptionConfiguration",
  "s3:GetLifecycleConfiguration",
  "s3:GetReplicationConfiguration",
];

function logGroupArns(arn: Stack["arn"], groupName: string): string[] {
  const group = arn("logs", `log-group:${groupName}`);
  return [group, `${group}:*`];
}

/** The engine itself uses the bucket of the state and the key of its secrets, beside all providers. */
function stateStatements({ place, stateBucket, stateKey }: Deployment): Statement[] {
  const bucket = `arn:${place.partition}:s3:::${stateBucket}`;
  const inBucket = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"];
  return [
    ...(stateBucket === undefined
      ? []
      : [
          allow("State", `${bucket}/*`, inBucket),
          allow("StateBucket", bucket, ["s3:GetBucketLocation", "s3:ListBucket"]),
        ]),
    ...(stateKey === undefined ? [] : [stateKeyStatement(place, stateKey)]),
  ];
}

function stateKeyStatement(place: Place, stateKey: string): Statement {
  const actions = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"];
  if (stateKey.startsWith("arn:")) return allow("StateKey", stateKey, actions);
  const { partition, accountId } = place;
  return {
    // The key may be in another region than the stack.
    ...allow("StateKey", `arn:${partition}:kms:*:${accountId}:key/*`, actions),
    Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": stateKey } },
  };
}

function allow(
  Sid: string,
  Resource: string | readonly string[],
  Action: readonly string[],
): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}

function deny(
  Sid: string,
  Resource: string | readonly string[],
  Action: readonly string[],
): Statement {
  return { Sid, Effect: "Deny", Action, Resource };
}
