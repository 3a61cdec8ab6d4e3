import { SELDOM_CALLED } from "../../contract/ping";
import { STATUS_TAG_PREFIX } from "../../contract/store/status";
import {
  appSecretsOf,
  functionArnOf,
  type Place,
  type Statement,
  secretsOf,
  storeSecretsOf,
  throughSecretsManager,
} from "./statement";

export { mayJoinVpc } from "../../contract/policy";

/** The fleet that a function works for. */
export interface PolicyScope {
  readonly place: Place;
  readonly prefix: string;
}

const RENEWAL_ACTIONS = [
  "secretsmanager:DescribeSecret",
  "secretsmanager:GetSecretValue",
  "secretsmanager:PutSecretValue",
  "secretsmanager:UpdateSecretVersionStage",
];

/** Renew the stores whose secrets name this very function for their rotation. */
export function mayRotateFleet(fleet: PolicyScope, functionArn: string): Statement {
  return {
    Sid: "RotateFleet",
    Effect: "Allow",
    Action: RENEWAL_ACTIONS,
    Resource: storeSecretsOf(fleet.place, fleet.prefix),
    Condition: { StringEquals: { "secretsmanager:resource/AllowRotationLambdaArn": functionArn } },
  };
}

/** Write and promote values of stores, whatever function their secrets name, or none yet. */
export function mayRenewFleet(fleet: PolicyScope): Statement {
  return {
    Sid: "RenewFleet",
    Effect: "Allow",
    Action: RENEWAL_ACTIONS,
    Resource: storeSecretsOf(fleet.place, fleet.prefix),
  };
}

/** Write the status tags of stores, and no other tags. */
export function mayWriteStatus(fleet: PolicyScope): Statement {
  return {
    Sid: "WriteStatus",
    Effect: "Allow",
    Action: ["secretsmanager:TagResource"],
    Resource: storeSecretsOf(fleet.place, fleet.prefix),
    Condition: { "ForAllValues:StringLike": { "aws:TagKeys": [`${STATUS_TAG_PREFIX}*`] } },
  };
}

/** Read the app credentials that obtain access tokens. */
export function mayReadAppCredentials(fleet: PolicyScope): Statement {
  return {
    Sid: "ReadAppCredentials",
    Effect: "Allow",
    Action: ["secretsmanager:GetSecretValue"],
    Resource: appSecretsOf(fleet.place, fleet.prefix),
  };
}

/** Use the secrets' key for the fleet's secrets, through Secrets Manager and no other. */
export function mayUseSecretsKey(fleet: PolicyScope, kmsKeyArn: string): Statement {
  return {
    Sid: "UseSecretsKey",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: kmsKeyArn,
    Condition: {
      StringEquals: throughSecretsManager(fleet.place),
      StringLike: { "kms:EncryptionContext:SecretARN": secretsOf(fleet.place, fleet.prefix) },
    },
  };
}

/** What whoever looks after stores is given: where it comes from, and which keys it uses. */
export interface LookingAfter {
  readonly fleet: PolicyScope;
  readonly kmsKeyArn: string;
  /** Undefined: the fleet has no refresh tokens. */
  readonly refreshKeys: RefreshKeys | undefined;
  /** None: no app of the fleet signs. */
  readonly signingKeyArns: readonly string[];
}

/** Everything that a store of any kind may need: renew it, write its status, with what its app presents and what seals its pair. */
export function mayLookAfterStores(given: LookingAfter): Statement[] {
  const { fleet, kmsKeyArn, refreshKeys, signingKeyArns } = given;
  return [
    mayRenewFleet(fleet),
    mayWriteStatus(fleet),
    mayReadAppCredentials(fleet),
    mayUseSecretsKey(fleet, kmsKeyArn),
    ...maySignAssertions(signingKeyArns),
    ...mayUseRefreshKeys(fleet, refreshKeys),
  ];
}

/** List secrets without their values; the wildcard is because AWS offers no narrower resource for it. */
export function mayListSecrets(): Statement {
  return {
    Sid: "ListSecrets",
    Effect: "Allow",
    Action: ["secretsmanager:ListSecrets"],
    Resource: "*",
  };
}

/** Call the functions that nobody else may call for weeks, so that they do not fall asleep. */
export function mayKeepAwake({ place, prefix }: PolicyScope): Statement {
  return {
    Sid: "KeepAwake",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: SELDOM_CALLED.map((role) => functionArnOf(place, prefix, role)),
  };
}

/** Put what a pass found into the queue of the workers. */
export function maySendWork(queueArn: string): Statement {
  return { Sid: "SendWork", Effect: "Allow", Action: ["sqs:SendMessage"], Resource: queueArn };
}

/** Take work from the queue, as Lambda does under the function's role (Lambda developer guide, "Execution role permissions" of SQS). */
export function mayTakeWork(queueArn: string): Statement {
  return {
    Sid: "TakeWork",
    Effect: "Allow",
    Action: ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
    Resource: queueArn,
  };
}

/** Call one function. */
export function mayCallFunction(functionArn: string): Statement {
  return {
    Sid: "CallFunction",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: functionArn,
  };
}

/** The keys of a fleet's refresh tokens. */
export interface RefreshKeys {
  /** Seals, and opens what it sealed. */
  readonly keyArn: string;
  /** Only open what they sealed; none in most stacks. */
  readonly formerKeyArns: readonly string[];
}

/** Seal refresh tokens of the fleet, and open them with whichever of its keys sealed them. */
export function mayUseRefreshKeys(fleet: PolicyScope, keys: RefreshKeys | undefined): Statement[] {
  if (keys === undefined) return [];
  const { keyArn, formerKeyArns } = keys;
  const former = formerKeyArns.length === 0 ? [] : [mayOpenRefreshTokens(fleet, formerKeyArns)];
  return [maySealRefreshTokens(fleet, keyArn), ...former];
}

/** Seal and open refresh tokens of the fleet: functions call this key themselves, not through another service. */
export function maySealRefreshTokens(fleet: PolicyScope, refreshKeyArn: string): Statement {
  return {
    Sid: "SealRefreshTokens",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:Encrypt"],
    Resource: refreshKeyArn,
    Condition: forRefreshTokensOf(fleet),
  };
}

/** Open refresh tokens of the fleet that former keys sealed. */
export function mayOpenRefreshTokens(
  fleet: PolicyScope,
  formerKeyArns: readonly string[],
): Statement {
  return {
    Sid: "OpenRefreshTokens",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: [...formerKeyArns].sort(),
    Condition: forRefreshTokensOf(fleet),
  };
}

function forRefreshTokensOf({ place, prefix }: PolicyScope): NonNullable<Statement["Condition"]> {
  return { StringLike: { "kms:EncryptionContext:SecretArn": storeSecretsOf(place, prefix) } };
}

/** Sign client assertions with the keys of the fleet's apps; nothing in a stack without an app that signs. */
export function maySignAssertions(keyArns: readonly string[]): Statement[] {
  if (keyArns.length === 0) return [];
  return [
    {
      Sid: "SignAssertions",
      Effect: "Allow",
      Action: ["kms:Sign"],
      Resource: [...new Set(keyArns)].sort(),
    },
  ];
}

/** Write the function's own log group. */
export function mayWriteLog(logGroupArn: string): Statement {
  return {
    Sid: "WriteLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: `${logGroupArn}:*`,
  };
}
