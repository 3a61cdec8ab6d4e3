/**
 * What each principal's job needs, written down by hand from the jobs: nothing in here is derived from
 * the policies. Whatever is not named is refused.
 */

/** Some actions on some targets; the names of the targets are those of `targets.ts`. */
interface Right {
  readonly may: readonly string[];
  readonly on: readonly string[];
}

export type Principal =
  | "rotate"
  | "enrol"
  | "sweep"
  | "install"
  | "install, with an open app"
  | "work"
  | "schedule of the sweep"
  | "apply, of a list"
  | "machine of a list"
  | "operator who applies a list"
  | "reader of acme"
  | "operator who looks"
  | "operator who acts"
  | "deployer";

const STORES = ["store acme", "store heritage", "store partner", "store hourly"];
/** A store that nobody declared, as it is, and as a request is about it that removes it at once. */
const CAME = ["store that came by itself", "store that came by itself, without a window"];
const MARKED_ANEW = "store hourly, marked anew";
/** A name that is free, and what is asked to be made of it. */
const TO_BE_MADE = [
  "store to be made",
  "store to be made, without its mark",
  "store to be made, of a kind that nobody approves",
  "store to be made, under another key",
];
const STORES_OF_ANY_FUNCTION = [
  ...STORES,
  "store that another function rotates",
  "store of a list",
  ...CAME,
  MARKED_ANEW,
  ...TO_BE_MADE,
];
/** What has the tag of a kind that a merchant approves. */
const APPROVED = ["store partner", "store hourly", ...CAME, MARKED_ANEW];

/** Actions of one service. */
const of = (service: string, names: readonly string[]) => names.map((name) => `${service}:${name}`);

/** Read a store, store a new version, promote it. */
const RENEW = [
  "secretsmanager:DescribeSecret",
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecretVersionStage",
];

const READ_AND_WRITE = [
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecret",
  "secretsmanager:UpdateSecretVersionStage",
];

/** A role of the stack, as it is handed to a service. */
const PASSED_ROLES = ["role rotate, passed to lambda", "role rotate, passed to ec2"];

/** Store secrets and app secrets are encrypted by one key, which Secrets Manager uses for the caller. */
const USE_SECRETS_KEY: Right = {
  may: ["kms:Decrypt", "kms:GenerateDataKey"],
  on: ["secrets key for acme", "secrets key for partner", "secrets key for the app secret"],
};

const READ_APP: Right = { may: ["secretsmanager:GetSecretValue"], on: ["app secret"] };
const TELL_STATUS: Right = {
  may: ["secretsmanager:TagResource"],
  on: STORES_OF_ANY_FUNCTION.map((store) => `${store}: status tags`),
};
/** Has an app's key sign, which is known by its ARN. */
const SIGN: Right = {
  may: ["kms:Sign"],
  on: ["signing key", "signing key with another stack's tag"],
};
const LIST: Right = { may: ["secretsmanager:ListSecrets"], on: ["all secrets"] };
const SEAL: Right = { may: ["kms:Decrypt", "kms:Encrypt"], on: ["refresh key"] };

/** Renews, checks and heals stores of every kind, and tells people. */
const LOOK_AFTER: readonly Right[] = [
  { may: RENEW, on: STORES_OF_ANY_FUNCTION },
  READ_APP,
  SIGN,
  USE_SECRETS_KEY,
  SEAL,
  TELL_STATUS,
  { may: ["sns:Publish"], on: ["notices topic"] },
];

/** Everything but values. */
const LOOK: readonly Right[] = [
  LIST,
  {
    may: ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
    on: [...STORES_OF_ANY_FUNCTION, "app secret", "other secret under the prefix"],
  },
  // What the functions logged of a store; no line holds a secret.
  {
    may: ["logs:FilterLogEvents"],
    on: ["log rotate", "log enrol", "log sweep", "log install"],
  },
  {
    may: ["lambda:GetFunctionConfiguration", "lambda:GetPolicy"],
    on: ["function rotate", "function enrol", "function sweep", "function install"],
  },
];

const FUNCTIONS = ["function rotate", "function enrol", "function sweep", "function install"];
const LOGS = ["log rotate", "log enrol", "log sweep", "log install"];
const SECRETS_KEY = [
  ...USE_SECRETS_KEY.on,
  "secrets key for another stack",
  "secrets key through another service",
  "secrets key for no secret",
  "secrets key directly",
];
const REFRESH_KEY = ["refresh key", "refresh key for another stack", "refresh key for nothing"];
/** The public half of a key that signs, which is pasted at Shopify; what KMS says of a key with the stack's tag is no secret. */
const SEE_KEYS: readonly Right[] = [
  { may: ["kms:DescribeKey", "kms:GetPublicKey"], on: ["signing key"] },
  { may: ["kms:DescribeKey"], on: [...SECRETS_KEY, ...REFRESH_KEY] },
];

const STACK_SECRETS = [...STORES_OF_ANY_FUNCTION, "app secret", "other secret under the prefix"];
const STACK_ROLES = ["role rotate", "role sweep", ...PASSED_ROLES];

/** Makes, changes and takes down everything of the stack, and is no reader of its stores. */
const DEPLOY: readonly Right[] = [
  LIST,
  {
    may: of("secretsmanager", [
      "CancelRotateSecret",
      "CreateSecret",
      "DeleteResourcePolicy",
      "DeleteSecret",
      "DescribeSecret",
      "GetResourcePolicy",
      "PutResourcePolicy",
      "RotateSecret",
      "UpdateSecret",
    ]),
    on: STACK_SECRETS,
  },
  {
    may: ["secretsmanager:TagResource", "secretsmanager:UntagResource"],
    on: STACK_SECRETS.flatMap((secret) => [`${secret}: status tags`, `${secret}: other tags`]),
  },
  {
    may: [
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    on: ["app secret"],
  },
  // Secrets Manager asks for these when a secret is made under a key, before it has a value.
  { may: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], on: USE_SECRETS_KEY.on },
  {
    // A key's ARN is not known before the key is made.
    may: of("kms", [
      "CreateAlias",
      "DeleteAlias",
      "DescribeKey",
      "EnableKeyRotation",
      "GetKeyPolicy",
      "GetKeyRotationStatus",
      "ListResourceTags",
      "PutKeyPolicy",
      "ScheduleKeyDeletion",
      "TagResource",
      "UntagResource",
      "UpdateAlias",
      "UpdateKeyDescription",
    ]),
    on: [...SECRETS_KEY, ...REFRESH_KEY, ...SIGN.on],
  },
  {
    may: of("lambda", [
      "AddPermission",
      "CreateFunction",
      "DeleteFunction",
      "DeleteFunctionEventInvokeConfig",
      "GetFunction",
      "GetFunctionCodeSigningConfig",
      "GetFunctionConfiguration",
      "GetFunctionEventInvokeConfig",
      "GetPolicy",
      "ListVersionsByFunction",
      "PutFunctionEventInvokeConfig",
      "RemovePermission",
      "TagResource",
      "UntagResource",
      "UpdateFunctionCode",
      "UpdateFunctionConfiguration",
    ]),
    on: FUNCTIONS,
  },
  // It enrols, and RotateSecret takes the right to call rotate.
  {
    may: ["lambda:InvokeFunction"],
    on: ["function enrol, as the provider calls it", "function rotate"],
  },
  {
    may: of("iam", [
      "CreateRole",
      "DeleteRole",
      "DeleteRolePolicy",
      "DetachRolePolicy",
      "GetRole",
      "GetRolePolicy",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
      "ListRolePolicies",
      "PutRolePolicy",
      "TagRole",
      "UntagRole",
      "UpdateAssumeRolePolicy",
      "UpdateRole",
      "UpdateRoleDescription",
    ]),
    on: STACK_ROLES,
  },
  { may: ["iam:PassRole"], on: ["role rotate, passed to lambda"] },
  {
    may: [
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:ListTagsForResource",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ],
    on: LOGS,
  },
  {
    may: [
      "scheduler:CreateSchedule",
      "scheduler:DeleteSchedule",
      "scheduler:GetSchedule",
      "scheduler:UpdateSchedule",
    ],
    on: ["schedule that calls the sweep"],
  },
  {
    may: [
      "apigateway:DELETE",
      "apigateway:GET",
      "apigateway:PATCH",
      "apigateway:POST",
      "apigateway:PUT",
    ],
    on: ["any API"],
  },
  {
    may: [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:ListTagsForResource",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ],
    on: ["alarm of the stack"],
  },
  {
    may: [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:GetTopicAttributes",
      "sns:ListTagsForResource",
      "sns:SetTopicAttributes",
      "sns:TagResource",
      "sns:UntagResource",
    ],
    on: ["notices topic"],
  },
  // It looks for these wherever they are; none shows a secret.
  // CreateKey is about no key, so that no target can be asked; `deployer.test.ts` makes keys.
  { may: ["kms:ListAliases"], on: [...SECRETS_KEY, ...REFRESH_KEY, ...SIGN.on] },
  { may: ["logs:DescribeLogGroups"], on: [...LOGS, "somebody else's log"] },
  {
    may: ["cloudwatch:DescribeAlarms"],
    on: ["alarm of the stack", "somebody else's alarm", "all metrics"],
  },
];

function writeLog(role: string): Right {
  return { may: ["logs:CreateLogStream", "logs:PutLogEvents"], on: [`log ${role}`] };
}

/** Believes a webhook once the store's own token confirms it, and stores what a merchant approved. */
const INSTALL: readonly Right[] = [
  LIST,
  { may: ["secretsmanager:DescribeSecret"], on: STORES_OF_ANY_FUNCTION },
  // Not the token that somebody pasted and that never ends; what is yet to be made has no kind.
  {
    may: ["secretsmanager:GetSecretValue"],
    on: STORES_OF_ANY_FUNCTION.filter(
      (store) => store !== "store heritage" && !TO_BE_MADE.includes(store),
    ),
  },
  {
    may: [
      "secretsmanager:ListSecretVersionIds",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    on: APPROVED,
  },
  READ_APP,
  USE_SECRETS_KEY,
  SEAL,
  TELL_STATUS,
  writeLog("install"),
];

/** The table. */
export const JOBS: Readonly<Record<Principal, readonly Right[]>> = {
  // Renews what Secrets Manager asks it to renew: the stores that name it.
  rotate: [
    { may: RENEW, on: ["store acme"] },
    READ_APP,
    SIGN,
    USE_SECRETS_KEY,
    TELL_STATUS,
    writeLog("rotate"),
  ],
  // Gives a store its first value, before its secret names any function.
  enrol: [
    { may: RENEW, on: STORES_OF_ANY_FUNCTION },
    READ_APP,
    SIGN,
    USE_SECRETS_KEY,
    TELL_STATUS,
    writeLog("enrol"),
  ],
  // Renews pairs, checks static tokens, heals what is stuck: every kind.
  sweep: [
    LIST,
    ...LOOK_AFTER,
    // Keeps them from falling asleep, with a call that does nothing.
    { may: ["lambda:InvokeFunction"], on: ["function enrol", "function install"] },
    writeLog("sweep"),
  ],
  // Does what the sweep would do with the stores that it is handed, and looks for none itself.
  work: LOOK_AFTER,
  install: INSTALL,
  // Makes the stores of merchants whom nobody declared, has a removed one back, and removes none but those.
  "install, with an open app": [
    ...INSTALL,
    { may: ["secretsmanager:CreateSecret"], on: ["store to be made", MARKED_ANEW] },
    // As it is made, with whatever key: that is for CreateSecret to refuse. What is there is marked by nobody.
    {
      may: ["secretsmanager:TagResource"],
      on: ["store to be made: other tags", "store to be made, under another key: other tags"],
    },
    { may: ["secretsmanager:RestoreSecret"], on: CAME },
    { may: ["secretsmanager:DeleteSecret"], on: ["store that came by itself"] },
  ],
  // Makes and retires what a list names, and looks at what is not the list's.
  "apply, of a list": [
    LIST,
    { may: ["secretsmanager:DescribeSecret"], on: STORES_OF_ANY_FUNCTION },
    {
      may: of("secretsmanager", [
        "CancelRotateSecret",
        "DeleteSecret",
        "RestoreSecret",
        "RotateSecret",
        "UpdateSecret",
      ]),
      on: ["store of a list"],
    },
    {
      may: ["secretsmanager:TagResource", "secretsmanager:UntagResource"],
      on: ["store of a list: status tags", "store of a list: other tags"],
    },
    // Secrets Manager asks for these when a secret is made under a key.
    {
      may: ["kms:Decrypt", "kms:GenerateDataKey"],
      on: ["secrets key for acme", "secrets key for partner"],
    },
    // RotateSecret takes the right to call what rotates.
    { may: ["lambda:InvokeFunction"], on: ["function rotate"] },
  ],
  "machine of a list": [
    { may: ["lambda:InvokeFunction"], on: ["function enrol", "function sweep"] },
  ],
  // Whatever else it may is Step Functions' and S3's.
  "operator who applies a list": [LIST],
  "schedule of the sweep": [{ may: ["lambda:InvokeFunction"], on: ["function sweep"] }],
  "reader of acme": [
    {
      may: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      on: ["store acme"],
    },
    // It gives nothing without GetSecretValue on each of the secrets.
    { may: ["secretsmanager:BatchGetSecretValue"], on: ["all secrets"] },
    { may: ["kms:Decrypt"], on: ["secrets key for acme"] },
  ],
  "operator who looks": [...LOOK, ...SEE_KEYS],
  "operator who acts": [
    ...LOOK,
    ...SEE_KEYS,
    {
      may: [
        "secretsmanager:RestoreSecret",
        "secretsmanager:RotateSecret",
        "secretsmanager:UpdateSecretVersionStage",
      ],
      on: STORES_OF_ANY_FUNCTION,
    },
    // put asks enrol, check and migrate ask the sweep, and RotateSecret takes the right to call rotate.
    {
      may: ["lambda:InvokeFunction"],
      on: ["function enrol", "function rotate", "function sweep"],
    },
  ],
  deployer: DEPLOY,
};

const ENDPOINTS = ["install", "install, with an open app"] as const;

/** What nobody but those named may, whatever else the table says. */
export const NAMED_REFUSALS: readonly {
  readonly what: string;
  readonly may: readonly string[];
  readonly on: readonly string[];
  readonly but: readonly Principal[];
}[] = [
  {
    what: "reading an app secret",
    may: ["secretsmanager:GetSecretValue"],
    on: ["app secret"],
    but: ["rotate", "enrol", "sweep", "work", ...ENDPOINTS, "deployer"],
  },
  {
    what: "reading or writing a value of another stack, prefix or account",
    may: READ_AND_WRITE,
    on: [
      "store of another stack",
      "store of a longer prefix",
      "app secret of another stack",
      "somebody else's secret",
      "store of another account",
      "store that came by itself, of another stack",
    ],
    but: [],
  },
  {
    what: "reading or writing what is under the prefix and is none of ours",
    may: READ_AND_WRITE,
    on: ["other secret under the prefix"],
    but: ["deployer"],
  },
  {
    what: "opening a refresh token",
    may: ["kms:Decrypt"],
    on: ["refresh key"],
    but: ["sweep", "work", ...ENDPOINTS],
  },
  {
    what: "signing for an app",
    may: ["kms:Sign"],
    on: SIGN.on,
    but: ["rotate", "enrol", "sweep", "work"],
  },
  {
    what: "opening what was sealed for another stack, or for nothing",
    may: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"],
    on: ["refresh key for another stack", "refresh key for nothing"],
    but: [],
  },
  {
    what: "using the secrets' key but through Secrets Manager for a secret of the stack",
    may: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom"],
    on: SECRETS_KEY.filter((target) => !USE_SECRETS_KEY.on.includes(target)),
    but: [],
  },
  {
    what: "writing a value",
    may: ["secretsmanager:PutSecretValue"],
    on: STORES,
    but: ["rotate", "enrol", "sweep", "work", ...ENDPOINTS],
  },
  {
    what: "reading another store than its own",
    may: ["secretsmanager:GetSecretValue"],
    on: ["store heritage", "store partner", "store hourly"],
    but: ["enrol", "sweep", "work", ...ENDPOINTS],
  },
  {
    what: "deleting, and making secrets open to the public",
    may: [
      "secretsmanager:DeleteResourcePolicy",
      "secretsmanager:DeleteSecret",
      "secretsmanager:PutResourcePolicy",
    ],
    on: [
      ...STACK_SECRETS.filter(
        (name) => name !== "store of a list" && name !== "store that came by itself",
      ),
      "somebody else's secret",
    ],
    but: ["deployer"],
  },
  {
    what: "deleting a store that came by itself",
    may: ["secretsmanager:DeleteSecret"],
    on: ["store that came by itself"],
    but: ["install, with an open app", "deployer"],
  },
  {
    what: "making a store, or marking one as what came by itself",
    may: ["secretsmanager:CreateSecret"],
    on: [...TO_BE_MADE, ...STORES, MARKED_ANEW],
    but: ["install, with an open app", "deployer"],
  },
  {
    what: "changing a key's policy, or deleting a key",
    may: ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
    on: [...SECRETS_KEY, ...REFRESH_KEY, ...SIGN.on],
    but: ["deployer"],
  },
  {
    what: "changing a role",
    may: ["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"],
    on: ["role rotate", "role sweep", "somebody else's role"],
    but: ["deployer"],
  },
  {
    what: "passing a role to another service than its own, or somebody else's role",
    may: ["iam:PassRole"],
    on: ["role rotate, passed to ec2", "somebody else's role"],
    but: [],
  },
  {
    what: "calling a function",
    may: ["lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:InvokeFunctionUrl"],
    on: [...FUNCTIONS, "function enrol, as the provider calls it", "somebody else's function"],
    but: [
      "schedule of the sweep",
      "sweep",
      "apply, of a list",
      "machine of a list",
      "operator who acts",
      "deployer",
    ],
  },
  {
    what: "calling the install function",
    may: ["lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:InvokeFunctionUrl"],
    on: ["function install"],
    but: ["sweep"],
  },
  {
    what: "calling somebody else's function",
    may: ["lambda:InvokeFunction", "lambda:InvokeAsync", "lambda:InvokeFunctionUrl"],
    on: ["somebody else's function"],
    but: [],
  },
  {
    what: "assuming another role",
    may: ["sts:AssumeRole"],
    on: ["a role's session"],
    but: [],
  },
];

/** The cells of a refusal, as `action on target`. */
export function cellsOf({ may, on }: { may: readonly string[]; on: readonly string[] }): string[] {
  return may.flatMap((action) => on.map((target) => `${action} on ${target}`));
}

/** What is left of the keys' use to whoever may do everything in the account, until they change a key's policy. */
export const USES_OF_ADMINISTRATORS: ReadonlySet<string> = new Set(
  cellsOf({
    may: ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
    on: USE_SECRETS_KEY.on,
  }),
);

/** The cells of the table that a principal may enter, as `action on target`. */
export function rightsOf(principal: Principal): ReadonlySet<string> {
  return new Set(JOBS[principal].flatMap(cellsOf));
}
