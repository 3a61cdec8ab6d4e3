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
  | "schedule of the sweep"
  | "reader of acme"
  | "operator who looks"
  | "operator who acts";

const STORES = ["store acme", "store heritage", "store partner", "store hourly"];
const STORES_OF_ANY_FUNCTION = [...STORES, "store that another function rotates"];

/** Read a store, store a new version, promote it. */
const RENEW = [
  "secretsmanager:DescribeSecret",
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecretVersionStage",
];

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
const LIST: Right = { may: ["secretsmanager:ListSecrets"], on: ["all secrets"] };
const SEAL: Right = { may: ["kms:Decrypt", "kms:Encrypt"], on: ["refresh key"] };

/** Everything but values. */
const LOOK: readonly Right[] = [
  LIST,
  {
    may: ["secretsmanager:DescribeSecret"],
    on: [...STORES_OF_ANY_FUNCTION, "app secret", "other secret under the prefix"],
  },
  {
    may: ["lambda:GetFunctionConfiguration", "lambda:GetPolicy"],
    on: ["function rotate", "function enrol", "function sweep", "function install"],
  },
];

function writeLog(role: string): Right {
  return { may: ["logs:CreateLogStream", "logs:PutLogEvents"], on: [`log ${role}`] };
}

/** The table. */
export const JOBS: Readonly<Record<Principal, readonly Right[]>> = {
  // Renews what Secrets Manager asks it to renew: the stores that name it.
  rotate: [
    { may: RENEW, on: ["store acme"] },
    READ_APP,
    USE_SECRETS_KEY,
    TELL_STATUS,
    writeLog("rotate"),
  ],
  // Gives a store its first value, before its secret names any function.
  enrol: [
    { may: RENEW, on: STORES_OF_ANY_FUNCTION },
    READ_APP,
    USE_SECRETS_KEY,
    TELL_STATUS,
    writeLog("enrol"),
  ],
  // Renews pairs, checks static tokens, heals what is stuck: every kind.
  sweep: [
    LIST,
    { may: RENEW, on: STORES_OF_ANY_FUNCTION },
    READ_APP,
    USE_SECRETS_KEY,
    SEAL,
    TELL_STATUS,
    { may: ["sns:Publish"], on: ["notices topic"] },
    writeLog("sweep"),
  ],
  // Believes a webhook once the store's own token confirms it, and stores what a merchant approved.
  install: [
    LIST,
    {
      may: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
      on: STORES_OF_ANY_FUNCTION,
    },
    {
      may: ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
      on: ["store partner", "store hourly"],
    },
    READ_APP,
    USE_SECRETS_KEY,
    SEAL,
    TELL_STATUS,
    writeLog("install"),
  ],
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
  "operator who looks": LOOK,
  "operator who acts": [
    ...LOOK,
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
};

/** The cells of the table that a principal may enter, as `action on target`. */
export function rightsOf(principal: Principal): ReadonlySet<string> {
  return new Set(
    JOBS[principal].flatMap(({ may, on }) =>
      may.flatMap((action) => on.map((target) => `${action} on ${target}`)),
    ),
  );
}
