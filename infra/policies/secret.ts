import type { FunctionRole } from "../../contract/names";
import { encodePolicy, type Place, roleArnOf, type Statement } from "./statement";

/** Reading a value, writing one, and choosing which one is current; management stays as IAM has it. */
const DATA_ACTIONS = [
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecretVersionStage",
];

/** Writes a value as well, and changes a description: of those who manage a secret, only its deployers are to. */
const UPDATE = "secretsmanager:UpdateSecret";

/** Who is meant to have to do with a secret's value. Roles stand in conditions only: a deleted one breaks nothing. */
export interface SecretAudience {
  readonly readers: readonly string[];
  /** The functions' roles and, for emergencies, the break-glass principals: they stay as free as IAM leaves them. */
  readonly keepers: readonly string[];
  /** Who runs `pulumi up`; none: IAM alone decides who may update the secret. */
  readonly deployers: readonly string[];
}

/** What a stack says of its secrets' audiences. */
export interface AudienceSettings {
  readonly prefix: string;
  readonly breakGlass: readonly string[];
  readonly deployers: readonly string[];
  /** The functions that the stack has: whoever may make a role of another name would be a keeper. */
  readonly functions: readonly FunctionRole[];
}

/** The policy of a secret that names its readers: they read, the functions and the break-glass principals stay. */
export function encodeAudiencePolicy(
  place: Place,
  { prefix, breakGlass, deployers, functions }: AudienceSettings,
  readers: readonly string[],
): string {
  const roles = functions.map((role) => roleArnOf(place, prefix, role));
  const audience = {
    readers: [...readers].sort(),
    keepers: [...roles, ...[...breakGlass].sort()],
    deployers: [...deployers].sort(),
  };
  return encodePolicy([
    mayReadAsNamed(audience),
    mayNotTouchUnnamed(audience),
    ...(deployers.length === 0 ? [] : [mayNotUpdateUnnamed(audience)]),
  ]);
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

/** Whoever may update a secret may write its value by that, and make it AWSCURRENT. */
export function mayNotUpdateUnnamed({ keepers, deployers }: SecretAudience): Statement {
  return {
    Sid: "NobodyElseUpdates",
    Effect: "Deny",
    Principal: { AWS: "*" },
    Action: [UPDATE],
    Resource: "*",
    Condition: { ArnNotEquals: { "aws:PrincipalArn": [...keepers, ...deployers] } },
  };
}
