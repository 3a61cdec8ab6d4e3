import type { Caller, ConditionContext } from "./policy";
import { contextOf, type Place, type SecretRequest, secretArnOf, textOf } from "./secret-request";

/** A right that a request needs besides its own action. */
export interface Need {
  readonly action: string;
  readonly resource: string;
  readonly context: ConditionContext;
  /** Who must have the right, when it is not the caller. */
  readonly who?: Caller;
  /** Said instead of AWS's general sentence; a role that a service cannot assume has its own code. */
  readonly refusal?: { readonly code: string; readonly message: string };
  /** Said where there is no such resource. Default: as where it is not allowed. */
  readonly ifMissing?: { readonly code: string; readonly message: string };
  /** Also required: this service may assume the role named by `resource`. */
  readonly assumedBy?: AssumedBy;
}

interface AssumedBy {
  readonly service: string;
  /** What the service tells of whom it does it for. Default: nothing. */
  readonly context?: ConditionContext;
  readonly refusal: { readonly code: string; readonly message: string };
}

/** A request to another service than Secrets Manager. */
export interface RoleRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

interface Row<Request> {
  readonly on: readonly string[];
  needs(request: Request, place: Place): readonly Need[];
  /** AWS's text that says so. */
  readonly source: string;
}

const API = "https://docs.aws.amazon.com/secretsmanager/latest/apireference";

/** The dependent permissions of Secrets Manager's operations. */
export const SECRET_ROWS: readonly Row<SecretRequest>[] = [
  {
    on: ["RotateSecret"],
    needs: (request) => {
      const functionArn =
        textOf(request.input["RotationLambdaARN"]) ?? request.facts?.rotationLambdaArn;
      if (functionArn === undefined) return [];
      return [{ action: "lambda:InvokeFunction", resource: functionArn, context: {} }];
    },
    source: `${API}/API_RotateSecret.html: "You also need lambda:InvokeFunction permissions on the rotation function."`,
  },
  {
    on: ["CreateSecret"],
    needs: (request, place) => {
      if (!Array.isArray(request.input["Tags"]) || request.input["Tags"].length === 0) return [];
      return [onSecret("secretsmanager:TagResource", request, place)];
    },
    source: `${API}/API_CreateSecret.html: "If you include tags in the secret, you also need secretsmanager:TagResource."`,
  },
  {
    on: ["CreateSecret"],
    needs: (request, place) => {
      if (request.input["AddReplicaRegions"] === undefined) return [];
      return [onSecret("secretsmanager:ReplicateSecretToRegions", request, place)];
    },
    source: `${API}/API_CreateSecret.html: "To add replica Regions, you must also have secretsmanager:ReplicateSecretToRegions."`,
  },
  {
    on: ["BatchGetSecretValue"],
    needs: (request) =>
      request.input["Filters"] === undefined
        ? []
        : [{ action: "secretsmanager:ListSecrets", resource: "*", context: {} }],
    source: `${API}/API_BatchGetSecretValue.html: "If you use filters, you must also have secretsmanager:ListSecrets."`,
  },
  {
    on: ["CreateSecret"],
    needs: (request, place) =>
      onKey(["GenerateDataKey", "Decrypt"], chosenKey(request), { request, place }),
    source: `${API}/API_CreateSecret.html: "To encrypt the secret with a KMS key other than aws/secretsmanager, you need kms:GenerateDataKey and kms:Decrypt permission to the key."`,
  },
  {
    on: ["GetSecretValue"],
    needs: (request, place) =>
      request.versionId === undefined
        ? []
        : onKey(["Decrypt"], request.facts?.kmsKeyId, { request, place }),
    source: `${API}/API_GetSecretValue.html: "If the secret is encrypted using a customer-managed key … then you also need kms:Decrypt permissions for that key."`,
  },
  {
    on: ["PutSecretValue"],
    needs: (request, place) =>
      onKey(["GenerateDataKey", "Decrypt"], request.facts?.kmsKeyId, { request, place }),
    source:
      'https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html: "Secrets Manager calls GenerateDataKey and Decrypt … PutSecretValue"',
  },
  {
    on: ["UpdateSecret"],
    needs: needsOfUpdate,
    source: `${API}/API_UpdateSecret.html: "If you use a customer managed key, you must also have kms:GenerateDataKey, kms:Encrypt, and kms:Decrypt permissions on the key."`,
  },
];

const IN_VPC =
  "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html: required IAM permissions";
const PASS_ROLE =
  "https://docs.aws.amazon.com/service-authorization/latest/reference: dependent actions, iam:PassRole";

const ACCESS_LOGS =
  "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html: permissions to enable logging";

/** The requests that hand a role, or an API's logs, to a service, and those that set tags on the way. */
export const ROLE_ROWS: readonly Row<RoleRequest>[] = [
  {
    on: ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"],
    needs: ({ input }) =>
      passRole(textOf(input["Role"]), {
        service: "lambda.amazonaws.com",
        refusal: {
          code: "InvalidParameterValueException",
          message: "The role defined for the function cannot be assumed by Lambda.",
        },
      }),
    source: `${PASS_ROLE} (AWS Lambda)`,
  },
  {
    on: ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"],
    needs: ({ input }) => (joinsVpc(input) ? LOOK_AT_VPC : []),
    source: `${IN_VPC} of the user who configures it`,
  },
  {
    on: ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"],
    needs: ({ input }) => (joinsVpc(input) ? joinVpc(textOf(input["Role"])) : []),
    source: `${IN_VPC} of the execution role`,
  },
  {
    on: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"],
    needs: ({ input }, place) =>
      passRole(textOf((input["Target"] as { RoleArn?: unknown } | undefined)?.RoleArn), {
        service: "scheduler.amazonaws.com",
        context: scheduleContext(textOf(input["GroupName"]) ?? "default", place),
        refusal: {
          code: "ValidationException",
          message:
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        },
      }),
    source: `${PASS_ROLE} (Amazon EventBridge Scheduler)`,
  },
  {
    on: ["states:CreateStateMachine", "states:UpdateStateMachine"],
    needs: ({ input }, place) =>
      passRole(textOf(input["roleArn"]), {
        service: "states.amazonaws.com",
        context: machineContext(place),
        refusal: {
          code: "AccessDeniedException",
          message:
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
        },
      }),
    source: `${PASS_ROLE} (AWS Step Functions)`,
  },
  {
    on: ["apigateway:CreateStage", "apigateway:UpdateStage"],
    needs: ({ input }) => (hasAccessLog(input) ? DELIVER_LOGS : []),
    source: ACCESS_LOGS,
  },
  {
    on: ["lambda:CreateEventSourceMapping"],
    needs: ({ input }, place) =>
      tagsOnTheWay(
        "lambda:TagResource",
        input["Tags"],
        arnOf("lambda", "event-source-mapping:*", place),
      ),
    source:
      'https://docs.aws.amazon.com/lambda/latest/dg/tags-esm.html: "lambda:TagResource – Grant this permission to anyone who needs to call TagResource or perform a tag on create."',
  },
  {
    on: ["sqs:CreateQueue"],
    needs: ({ input }, place) =>
      tagsOnTheWay("sqs:TagQueue", input["tags"], arnOf("sqs", String(input["QueueName"]), place)),
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html: "To be able to tag a queue on creation, you must have the sqs:CreateQueue and sqs:TagQueue permissions."',
  },
];

function arnOf(service: string, resource: string, { region, accountId }: Place): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

function tagsOnTheWay(action: string, tags: unknown, resource: string): readonly Need[] {
  const given = Object.entries((tags ?? {}) as Readonly<Record<string, string>>);
  if (given.length === 0) return [];
  const keys = given.map(([key, value]) => [`aws:RequestTag/${key}`, String(value)] as const);
  const context = { ...Object.fromEntries(keys), "aws:TagKeys": given.map(([key]) => key) };
  return [{ action, resource, context }];
}

/** What a request to Secrets Manager needs besides its own action. */
export function needsOfSecretRequest(request: SecretRequest, place: Place): readonly Need[] {
  return SECRET_ROWS.filter((row) => row.on.includes(request.operation)).flatMap((row) =>
    row.needs(request, place),
  );
}

/** What a request that hands over a role needs besides its own action. */
export function needsOfRoleRequest(request: RoleRequest, place: Place): readonly Need[] {
  return ROLE_ROWS.filter((row) => row.on.includes(request.operation)).flatMap((row) =>
    row.needs(request, place),
  );
}

function onSecret(action: string, request: SecretRequest, place: Place): Need {
  return { action, resource: secretArnOf(request, place), context: contextOf(request) };
}

/** EventBridge Scheduler names the group, not the schedule (User Guide, "Confused deputy prevention"). */
function scheduleContext(group: string, { region, accountId }: Place): ConditionContext {
  return {
    "aws:SourceArn": `arn:aws:scheduler:${region}:${accountId}:schedule-group/${group}`,
    "aws:SourceAccount": accountId,
  };
}

/** Step Functions names the machine (developer guide, "Prevent cross-service confused deputy issue"). */
function machineContext({ region, accountId }: Place): ConditionContext {
  return {
    "aws:SourceArn": `arn:aws:states:${region}:${accountId}:stateMachine:one`,
    "aws:SourceAccount": accountId,
  };
}

function passRole(roleArn: string | undefined, assumedBy: AssumedBy): readonly Need[] {
  if (roleArn === undefined) return [];
  const context = { "iam:PassedToService": assumedBy.service };
  return [{ action: "iam:PassRole", resource: roleArn, context, assumedBy }];
}

function joinsVpc(input: RoleRequest["input"]): boolean {
  const { SubnetIds } = (input["VpcConfig"] ?? {}) as { readonly SubnetIds?: unknown };
  return Array.isArray(SubnetIds) && SubnetIds.length > 0;
}

const LOOK_AT_VPC: readonly Need[] = ["SecurityGroups", "Subnets", "Vpcs"].map((kind) => ({
  action: `ec2:Describe${kind}`,
  resource: "*",
  context: {},
}));

function hasAccessLog(input: RoleRequest["input"]): boolean {
  const { destinationArn } = (input["accessLogSettings"] ?? {}) as { destinationArn?: unknown };
  return Boolean(destinationArn);
}

const DELIVER_LOGS: readonly Need[] = [
  "CreateLogDelivery",
  "DeleteLogDelivery",
  "DescribeResourcePolicies",
  "GetLogDelivery",
  "ListLogDeliveries",
  "PutResourcePolicy",
  "UpdateLogDelivery",
].map((operation) => ({ action: `logs:${operation}`, resource: "*", context: {} }));

/** The function's role acts for itself, and has to be able to before there is a function. */
function joinVpc(roleArn: string | undefined): readonly Need[] {
  if (roleArn === undefined) return [];
  const operations = [
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DeleteNetworkInterface",
  ];
  return operations.map((operation) => ({
    action: `ec2:${operation}`,
    resource: "*",
    context: {},
    who: { roleArn, assumedBy: "lambda.amazonaws.com" },
    refusal: {
      code: "InvalidParameterValueException",
      message: `The provided execution role does not have permissions to call ${operation} on EC2`,
    },
  }));
}

function needsOfUpdate(request: SecretRequest, place: Place): readonly Need[] {
  const { input, facts } = request;
  const about = { request, place };
  const key = chosenKey(request);
  const changesKey = key !== facts?.kmsKeyId;
  const writesValue = input["SecretString"] !== undefined || input["SecretBinary"] !== undefined;
  if (!changesKey && !writesValue) return [];
  const actions = changesKey
    ? ["GenerateDataKey", "Encrypt", "Decrypt"]
    : ["GenerateDataKey", "Decrypt"];
  const onOldKey = changesKey ? onKey(["Decrypt"], facts?.kmsKeyId, about) : [];
  return [...onOldKey, ...onKey(actions, key, about)];
}

/** The key of the secret once the request is done; an empty string asks for AWS's own. */
function chosenKey({ input, facts }: SecretRequest): string | undefined {
  return input["KmsKeyId"] === undefined ? facts?.kmsKeyId : textOf(input["KmsKeyId"]);
}

const AWS_MANAGED_KEY = "alias/aws/secretsmanager";

/** Secrets Manager's calls to KMS in the caller's name; the key that AWS manages admits every caller. */
function onKey(
  operations: readonly string[],
  key: string | undefined,
  about: { request: SecretRequest; place: Place },
): readonly Need[] {
  if (key === undefined || key.endsWith(AWS_MANAGED_KEY)) return [];
  return operations.map((operation) => ({
    action: `kms:${operation}`,
    resource: key,
    context: kmsContextOf(about.request, about.place),
    refusal: { code: "AccessDeniedException", message: "Access to KMS is not allowed" },
    ...(about.request.input["KmsKeyId"] === key ? { ifMissing: noSuchKey(key) } : {}),
  }));
}

/** As terraform-provider-aws issue 13303 shows it of a request that names a key. */
function noSuchKey(key: string) {
  const message = `The operation failed because of an invalid KMS key: Invalid keyId '${key}'`;
  return { code: "InvalidParameterException", message };
}

/** A key without a value to encrypt is tried with this in place of a version ID. */
const KEY_TRIAL = "RequestToValidateKeyAccess";

/**
 * The condition keys of Secrets Manager's call to KMS.
 * Source: Secrets Manager User Guide, "Secret encryption and decryption", "Encryption context".
 */
function kmsContextOf(request: SecretRequest, place: Place): ConditionContext {
  const { input } = request;
  const hasValue = input["SecretString"] !== undefined || input["SecretBinary"] !== undefined;
  const writtenVersion = hasValue ? textOf(input["ClientRequestToken"]) : undefined;
  return {
    "kms:ViaService": `secretsmanager.${place.region}.amazonaws.com`,
    "kms:CallerAccount": place.accountId,
    "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    "kms:EncryptionContextKeys": ["SecretARN", "SecretVersionId"],
    "kms:EncryptionContext:SecretARN": secretArnOf(request, place),
    "kms:EncryptionContext:SecretVersionId": request.versionId ?? writtenVersion ?? KEY_TRIAL,
  };
}
