import {
  FUNCTION_ROLES,
  type FunctionRole,
  functionRolesOf,
  LIST_ROLE,
  logGroupName,
  PREFIX_TAG,
} from "../../contract/names";
import type { PolicyScope } from "./functions";
import { mayApplyList } from "./list";
import {
  encodePolicy,
  functionArnOf,
  type Statement,
  secretsOf,
  storeSecretsOf,
} from "./statement";

/** List secrets: AWS offers no narrower resource, and no value is shown. */
export function mayListFleet(): Statement {
  return {
    Sid: "ListSecrets",
    Effect: "Allow",
    Action: ["secretsmanager:ListSecrets"],
    Resource: "*",
  };
}

/** See everything of the fleet's secrets but their values; an app secret's versions too. */
export function mayDescribeFleet({ place, prefix }: PolicyScope): Statement {
  return {
    Sid: "DescribeSecrets",
    Effect: "Allow",
    Action: ["secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"],
    Resource: secretsOf(place, prefix),
  };
}

/** See that the functions are there, what they are told, and who may run them. */
export function mayDescribeFunctions(
  fleet: PolicyScope,
  roles: readonly FunctionRole[] = FUNCTION_ROLES,
): Statement {
  return {
    Sid: "DescribeFunctions",
    Effect: "Allow",
    Action: ["lambda:GetFunctionConfiguration", "lambda:GetPolicy"],
    Resource: functionArnsOf(fleet, roles),
  };
}

/** Read what the functions logged, which holds no secret: `history`. */
export function mayReadLogs(
  { place, prefix }: PolicyScope,
  roles: readonly FunctionRole[] = FUNCTION_ROLES,
): Statement {
  const { partition, region, accountId } = place;
  const groups = roles.map(
    (role) =>
      `arn:${partition}:logs:${region}:${accountId}:log-group:${logGroupName(prefix, role)}`,
  );
  return {
    Sid: "ReadLogs",
    Effect: "Allow",
    Action: ["logs:FilterLogEvents"],
    // CloudWatch Logs asks for the group with and without what is in it.
    Resource: groups.flatMap((group) => [group, `${group}:*`]),
  };
}

/** Move labels: roll back, unstick; and start rotations as they are set up, without a change of when or by which function. */
export function mayActOnStores({ place, prefix }: PolicyScope): Statement[] {
  const Resource = storeSecretsOf(place, prefix);
  return [
    {
      Sid: "ActOnStores",
      Effect: "Allow",
      Action: ["secretsmanager:RestoreSecret", "secretsmanager:UpdateSecretVersionStage"],
      Resource,
    },
    {
      Sid: "StartRotations",
      Effect: "Allow",
      Action: ["secretsmanager:RotateSecret"],
      Resource,
      Condition: {
        BoolIfExists: { "secretsmanager:ModifyRotationRules": "false" },
        Null: { "secretsmanager:RotationLambdaARN": "true" },
      },
    },
  ];
}

/** The functions that act for an operator; the install function answers merchants and Shopify alone. */
const RUNNABLE = FUNCTION_ROLES.filter((role) => role !== "install");

/** Run the functions that act for an operator; starting a rotation takes the right to run its function. */
export function mayRunFunctions(fleet: PolicyScope): Statement {
  return {
    Sid: "RunFunctions",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: functionArnsOf(fleet, RUNNABLE),
  };
}

/** See the public halves of the keys that sign, which are pasted at Shopify: `public-key`. */
export function mayReadPublicKeys({ place, prefix }: PolicyScope): Statement {
  const { partition, region, accountId } = place;
  return {
    Sid: "ReadPublicKeys",
    Effect: "Allow",
    Action: ["kms:DescribeKey", "kms:GetPublicKey"],
    Resource: `arn:${partition}:kms:${region}:${accountId}:key/*`,
    Condition: { StringEquals: { [`aws:ResourceTag/${PREFIX_TAG}`]: prefix } },
  };
}

/** What an operator's policy needs to know beside the fleet. */
export interface OperatorOptions {
  /** Whether an app of the fleet signs. Default: none does. */
  readonly hasSigningKeys?: boolean;
  /** Whether the sweep sends its work to workers over a queue. Default: no. */
  readonly hasWorkQueue?: boolean;
}

/** The policy of an operator who looks: `status`, `doctor`, `history`, `install-link`. */
export function encodeLookingPolicy(fleet: PolicyScope, options: OperatorOptions = {}): string {
  return encodePolicy(lookingStatements(fleet, options));
}

/**
 * The policy of an operator who acts: every command but `exec`, which reads a token and takes that
 * store's reader policy. Neither policy reads a value or deletes anything.
 */
export function encodeActingPolicy(fleet: PolicyScope, options: OperatorOptions = {}): string {
  return encodePolicy([
    ...lookingStatements(fleet, options),
    ...mayActOnStores(fleet),
    mayRunFunctions(fleet),
  ]);
}

/** The policy of an operator who applies the list of stores, beside one of the others: `apply`. */
export function encodeApplyingPolicy(fleet: PolicyScope): string {
  return encodePolicy([
    mayListFleet(),
    mayDescribeFunctions(fleet, [LIST_ROLE]),
    ...mayApplyList(fleet),
  ]);
}

function lookingStatements(
  fleet: PolicyScope,
  { hasSigningKeys, hasWorkQueue }: OperatorOptions,
): Statement[] {
  const roles = functionRolesOf({ workQueue: hasWorkQueue });
  return [
    mayListFleet(),
    mayDescribeFleet(fleet),
    mayDescribeFunctions(fleet, roles),
    mayReadLogs(fleet, roles),
    ...(hasSigningKeys ? [mayReadPublicKeys(fleet)] : []),
  ];
}

function functionArnsOf({ place, prefix }: PolicyScope, roles: readonly FunctionRole[]): string[] {
  return roles.map((role) => functionArnOf(place, prefix, role));
}
