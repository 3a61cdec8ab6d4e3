import { isHeardOf, kindsThat } from "../../contract/kinds";
import { SECRET_TAGS } from "../../contract/names";
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
