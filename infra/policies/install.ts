import { isHeardOf, kindsThat } from "../../contract/kinds";
import { INSTALLED, SECRET_TAGS } from "../../contract/names";
import { STATUS_TAG_PREFIX } from "../../contract/store/status";
import type { PolicyScope } from "./functions";
import { type Statement, storeSecretsOf } from "./statement";

/** The kinds that a merchant approves, as the tag of their secrets names them. */
const APPROVED_KINDS = kindsThat(({ approvedByMerchant }) => approvedByMerchant !== "never");

/** The kinds whose values it reads: of a token that people paste, and that never ends, nothing comes from outside. */
const READ_KINDS = kindsThat(isHeardOf);

/** Look at stores; a webhook is believed once the store's own token confirms it. */
export function mayLookAtStores(fleet: PolicyScope): Statement[] {
  const Resource = storeSecretsOf(fleet.place, fleet.prefix);
  return [
    { Sid: "LookAtStores", Effect: "Allow", Action: ["secretsmanager:DescribeSecret"], Resource },
    {
      Sid: "ReadStores",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource,
      Condition: { StringEquals: { [`aws:ResourceTag/${SECRET_TAGS.kind}`]: READ_KINDS } },
    },
  ];
}

/** See how many versions a store has, write and promote values, of stores that a merchant approves and of no others: this function is public. */
export function mayInstallStores(fleet: PolicyScope): Statement {
  return {
    Sid: "InstallStores",
    Effect: "Allow",
    Action: [
      "secretsmanager:ListSecretVersionIds",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    Resource: storeSecretsOf(fleet.place, fleet.prefix),
    Condition: { StringEquals: { [`aws:ResourceTag/${SECRET_TAGS.kind}`]: APPROVED_KINDS } },
  };
}

/** What the making of such a store takes. */
interface Taking {
  readonly kmsKeyArn: string;
  /** The names of the operator's own tags of everything. */
  readonly tags: readonly string[];
  /** 0: deleted at once. */
  readonly recoveryWindowDays: number;
}

/**
 * Make the secrets of stores that nobody declared, and remove those again: where an app of the stack is open, and
 * nowhere else. A secret without the mark it can neither mark nor delete, and one with it only so that it can be restored.
 *
 * CreateSecret with tags needs TagResource, which AWS judges by the same request (API reference of CreateSecret).
 */
export function mayTakeInStores(fleet: PolicyScope, taking: Taking): Statement[] {
  const Resource = storeSecretsOf(fleet.place, fleet.prefix);
  const isMarked = { [`aws:ResourceTag/${SECRET_TAGS.origin}`]: INSTALLED };
  const made = {
    [`aws:RequestTag/${SECRET_TAGS.origin}`]: INSTALLED,
    [`aws:RequestTag/${SECRET_TAGS.kind}`]: APPROVED_KINDS,
  };
  return [
    {
      Sid: "MakeStores",
      Effect: "Allow",
      Action: ["secretsmanager:CreateSecret"],
      Resource,
      Condition: { StringEquals: { ...made, "secretsmanager:KmsKeyId": taking.kmsKeyArn } },
    },
    ...mayMark(Resource, made, taking),
    {
      Sid: "RestoreStores",
      Effect: "Allow",
      Action: ["secretsmanager:RestoreSecret"],
      Resource,
      Condition: { StringEquals: isMarked },
    },
    {
      Sid: "RemoveStores",
      Effect: "Allow",
      Action: ["secretsmanager:DeleteSecret"],
      Resource,
      Condition: {
        StringEquals: isMarked,
        // What is deleted at once brings no window, and is denied.
        ...(taking.recoveryWindowDays === 0
          ? {}
          : { NumericGreaterThanEquals: { "secretsmanager:RecoveryWindowInDays": "7" } }),
      },
    },
  ];
}

/**
 * Tag what is being made. Nobody says whether AWS takes the tags of a secret that is being made for tags of a secret that
 * is there: both are let through, and a declared store, which has a kind and no mark, is neither.
 */
function mayMark(
  Resource: string,
  made: Readonly<Record<string, string | string[]>>,
  { tags }: Taking,
): Statement[] {
  const Action = ["secretsmanager:TagResource"];
  const names = [...Object.values(SECRET_TAGS), `${STATUS_TAG_PREFIX}*`, ...tags].sort();
  const onlyOurs = { "ForAllValues:StringLike": { "aws:TagKeys": names } };
  return [
    {
      Sid: "TagNewStores",
      Effect: "Allow",
      Action,
      Resource,
      Condition: {
        StringEquals: made,
        Null: { [`aws:ResourceTag/${SECRET_TAGS.kind}`]: "true" },
        ...onlyOurs,
      },
    },
    {
      Sid: "TagMarkedStores",
      Effect: "Allow",
      Action,
      Resource,
      Condition: {
        StringEquals: { ...made, [`aws:ResourceTag/${SECRET_TAGS.origin}`]: INSTALLED },
        ...onlyOurs,
      },
    },
  ];
}
