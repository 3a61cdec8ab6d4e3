import { FUNCTION_ROLES } from "../../contract/names";
import { encodePolicy, type Place, roleArnOf, type Statement } from "./statement";

/** Reading a value, writing one, and choosing which one is current; management stays as IAM has it. */
const DATA_ACTIONS = [
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecretVersionStage",
];

/** Who is meant to have to do with a secret's value. Roles stand in conditions only: a deleted one breaks nothing. */
export interface SecretAudience {
  readonly readers: readonly string[];
  /** The functions' roles and, for emergencies, the break-glass principals: they stay as free as IAM leaves them. */
  readonly keepers: readonly string[];
}

/** The policy of a secret that names its readers: they read, the functions and the break-glass principals stay. */
export function encodeAudiencePolicy(
  place: Place,
  { prefix, breakGlass }: { readonly prefix: string; readonly breakGlass: readonly string[] },
  readers: readonly string[],
): string {
  const functions = FUNCTION_ROLES.map((role) => roleArnOf(place, prefix, role));
  const audience = {
    readers: [...readers].sort(),
    keepers: [...functions, ...[...breakGlass].sort()],
  };
  return encodePolicy([mayReadAsNamed(audience), mayNotTouchUnnamed(audience)]);
}

/** The named readers read the token. */
export function mayReadAsNamed({ readers }: SecretAudience): Statement {
  return {
    Sid: "NamedReaders",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
    Resource: "*",
    Condition: { ArnEquals: { "aws:PrincipalArn": readers } },
  };
}

/**
 * Nobody else touches the value. Management stays open, so that nobody can lock the account out of a secret:
 * who may change its policy can always let somebody in.
 */
export function mayNotTouchUnnamed({ readers, keepers }: SecretAudience): Statement {
  return {
    Sid: "NobodyElse",
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: DATA_ACTIONS,
    Resource: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": [...readers, ...keepers] } },
  };
}
