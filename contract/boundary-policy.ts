import {
  boundaryName,
  functionName,
  functionRolesOf,
  LIST_ROLE,
  listBucketArn,
  listMachineName,
  logGroupName,
  noticeTopicName,
  PREFIX_TAG,
  workQueueName,
} from "./names";
import { SELDOM_CALLED } from "./ping";
import {
  encodePolicy,
  mayJoinVpc,
  type Place,
  type Statement,
  throughSecretsManager,
} from "./policy";

/** What a stack's settings ask of its boundary. */
export interface Bounds {
  readonly place: Place;
  /** The head of the stack's secret names. */
  readonly prefix: string;
  /** Whether the functions run in a VPC. */
  readonly vpc: boolean;
  /** Whether an app of the stack signs (`credential: signing-key` in config). Default: none does. */
  readonly signingKeys?: boolean | undefined;
  /** Whether the sweep sends its work over a queue (`workQueue` in config). Default: no. */
  readonly workQueue?: boolean | undefined;
  /** Whether every merchant may install an app of the stack (`installs: open` in config). Default: no. */
  readonly openInstalls?: boolean | undefined;
  /** Whether stores come from a list (`fleet` in config). Default: no. */
  readonly list?: boolean | undefined;
  /** An own SNS topic for notices (`alarms.topicArn`). Default: the stack's. */
  readonly topicArn?: string | undefined;
}

/** The ARN of the policy that bounds a stack's roles, as the command names it. */
export function boundaryArnOf({ place, prefix }: Pick<Bounds, "place" | "prefix">): string {
  const { partition, accountId, region } = place;
  return `arn:${partition}:iam::${accountId}:policy/${boundaryName(prefix, region)}`;
}

/**
 * The most that any role of a stack may ever do, whatever policies a deployer gives it: an administrator makes it
 * once, and a deployer whose policy names it can neither change it nor make a role without it.
 *
 * Source: IAM User Guide, "Permissions boundaries for IAM entities", "Delegating responsibility to others".
 */
export function boundaryPolicy(bounds: Bounds): string {
  return encodePolicy([
    ...secretBounds(bounds),
    ...keyBounds(bounds),
    ...(bounds.openInstalls ? [takingInBound(bounds)] : []),
    ...(bounds.signingKeys ? [signingBound(bounds)] : []),
    ...runBounds(bounds),
    ...(bounds.workQueue ? [queueBound(bounds)] : []),
    ...(bounds.list ? listBounds(bounds) : []),
    ...(bounds.vpc ? [mayJoinVpc()] : []),
  ]);
}

const arnOf = (
  { place: { partition, region, accountId } }: Bounds,
  service: string,
  rest: string,
) => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;

function secretBounds(bounds: Bounds): Statement[] {
  return [
    {
      Sid: "OwnSecrets",
      Effect: "Allow",
      Action: [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      Resource: arnOf(bounds, "secretsmanager", `secret:${bounds.prefix}/*`),
    },
    {
      Sid: "ListSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:ListSecrets"],
      Resource: "*",
    },
  ];
}

/** Stores that came by themselves are made and removed, and nothing else is; the function's own policy says which. */
function takingInBound(bounds: Bounds): Statement {
  return {
    Sid: "OwnStores",
    Effect: "Allow",
    Action: [
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "secretsmanager:RestoreSecret",
    ],
    Resource: arnOf(bounds, "secretsmanager", `secret:${bounds.prefix}/stores/*`),
  };
}

/** Keys by what they are used for: which key it is says the function's own policy. */
function keyBounds(bounds: Bounds): Statement[] {
  const secrets = arnOf(bounds, "secretsmanager", `secret:${bounds.prefix}/*`);
  const keys = arnOf(bounds, "kms", "key/*");
  return [
    {
      Sid: "SecretsThroughSecretsManager",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: keys,
      Condition: {
        StringEquals: throughSecretsManager(bounds.place),
        StringLike: { "kms:EncryptionContext:SecretARN": secrets },
      },
    },
    {
      Sid: "OwnRefreshTokens",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:Encrypt"],
      Resource: keys,
      Condition: { StringLike: { "kms:EncryptionContext:SecretArn": secrets } },
    },
  ];
}

/** The stack's own keys; one of your own has to carry the tag. */
function signingBound(bounds: Bounds): Statement {
  return {
    Sid: "OwnSigningKeys",
    Effect: "Allow",
    Action: ["kms:Sign"],
    Resource: arnOf(bounds, "kms", "key/*"),
    Condition: { StringEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: bounds.prefix } },
  };
}

/** What a list takes: its function makes and retires secrets, its machine calls functions and its own children. */
function listBounds(bounds: Bounds): Statement[] {
  const { prefix, place } = bounds;
  const bucket = listBucketArn(prefix, place);
  const machine = listMachineName(prefix);
  return [
    {
      Sid: "MakeStores",
      Effect: "Allow",
      Action: [
        "secretsmanager:CancelRotateSecret",
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:RestoreSecret",
        "secretsmanager:RotateSecret",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
      ],
      Resource: arnOf(bounds, "secretsmanager", `secret:${prefix}/stores/*`),
    },
    {
      Sid: "ChooseKey",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: arnOf(bounds, "kms", "key/*"),
      Condition: {
        StringEquals: throughSecretsManager(place),
        StringLike: { "kms:EncryptionContext:SecretARN": "RequestToValidateKeyAccess" },
      },
    },
    {
      Sid: "OwnList",
      Effect: "Allow",
      Action: [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      Resource: `${bucket}/*`,
    },
    {
      Sid: "OwnRuns",
      Effect: "Allow",
      Action: [
        "states:DescribeExecution",
        "states:RedriveExecution",
        "states:StartExecution",
        "states:StopExecution",
      ],
      Resource: [
        arnOf(bounds, "states", `execution:${machine}:*`),
        arnOf(bounds, "states", `execution:${machine}/*`),
        arnOf(bounds, "states", `stateMachine:${machine}`),
      ],
    },
    ...listFunctionBounds(bounds),
  ];
}

function listFunctionBounds(bounds: Bounds): Statement[] {
  const { prefix } = bounds;
  return [
    {
      Sid: "ListFunctions",
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: ([LIST_ROLE, "rotate"] as const).map((role) =>
        arnOf(bounds, "lambda", `function:${functionName(prefix, role)}`),
      ),
    },
    {
      Sid: "ListLog",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: arnOf(bounds, "logs", `log-group:${logGroupName(prefix, LIST_ROLE)}:*`),
    },
  ];
}

/** The schedule's role calls the sweep, which keeps the others awake. */
const CALLED_FUNCTIONS = ["sweep", ...SELDOM_CALLED] as const;

/** The sweep sends, and Lambda takes under the worker's role. */
function queueBound(bounds: Bounds): Statement {
  return {
    Sid: "OwnWorkQueue",
    Effect: "Allow",
    Action: [
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ],
    Resource: arnOf(bounds, "sqs", workQueueName(bounds.prefix)),
  };
}

function runBounds(bounds: Bounds): Statement[] {
  const { prefix, topicArn, workQueue } = bounds;
  const roles = functionRolesOf({ workQueue });
  return [
    {
      Sid: "OwnLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: roles.map((role) =>
        arnOf(bounds, "logs", `log-group:${logGroupName(prefix, role)}:*`),
      ),
    },
    {
      Sid: "OwnFunctions",
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: CALLED_FUNCTIONS.map((role) =>
        arnOf(bounds, "lambda", `function:${functionName(prefix, role)}`),
      ),
    },
    {
      Sid: "Notices",
      Effect: "Allow",
      Action: ["sns:Publish"],
      Resource: topicArn ?? arnOf(bounds, "sns", noticeTopicName(prefix)),
    },
  ];
}
