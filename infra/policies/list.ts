import { FAILED_HEAD, LIST_KEY, RESULTS_HEAD, WORK_HEAD } from "../../contract/listed/list-bucket";
import { MAP_LABEL } from "../../contract/listed/list-steps";
import { WAVE_LABEL } from "../../contract/listed/wave-run";
import { LISTED, listBucketArn, listMachineName, SECRET_TAGS } from "../../contract/names";
import { mayListSecrets, type PolicyScope } from "./functions";
import { functionArnOf, type Statement, storeSecretsOf, throughSecretsManager } from "./statement";

const OF_THE_LIST = { [`aws:ResourceTag/${SECRET_TAGS.origin}`]: LISTED };
const TO_BE_LISTED = { [`aws:RequestTag/${SECRET_TAGS.origin}`]: LISTED };

/** Everything that the function may do which applies a list; its log comes on top. */
export function mayApplyStores(fleet: PolicyScope, kmsKeyArn: string): Statement[] {
  return [
    mayListSecrets(),
    ...mayMakeListed(fleet),
    mayChooseKey(fleet, kmsKeyArn),
    mayNameRotation(fleet),
    ...mayWorkInBucket(fleet),
  ];
}

/**
 * Make the secrets of listed stores, and change and retire those alone: a store of config, or one that came by itself, it
 * can only look at. Read no value. CreateSecret with tags needs TagResource, which AWS judges by the same request.
 */
function mayMakeListed(fleet: PolicyScope): Statement[] {
  const Resource = storeSecretsOf(fleet.place, fleet.prefix);
  return [
    { Sid: "LookAtStores", Effect: "Allow", Action: ["secretsmanager:DescribeSecret"], Resource },
    {
      Sid: "MakeListed",
      Effect: "Allow",
      Action: ["secretsmanager:CreateSecret"],
      Resource,
      Condition: { StringEquals: TO_BE_LISTED },
    },
    {
      Sid: "TagNewListed",
      Effect: "Allow",
      Action: ["secretsmanager:TagResource"],
      Resource,
      Condition: {
        StringEquals: TO_BE_LISTED,
        // A store that is there has a kind.
        Null: { [`aws:ResourceTag/${SECRET_TAGS.kind}`]: "true" },
      },
    },
    {
      Sid: "ChangeListed",
      Effect: "Allow",
      Action: [
        "secretsmanager:CancelRotateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:RestoreSecret",
        "secretsmanager:RotateSecret",
        "secretsmanager:TagResource",
        "secretsmanager:UntagResource",
        "secretsmanager:UpdateSecret",
      ],
      Resource,
      Condition: { StringEquals: OF_THE_LIST },
    },
  ];
}

/** Secrets Manager tries the key of a new secret in the caller's name, before there is a value (its user guide, "Secret encryption"). */
function mayChooseKey({ place, prefix }: PolicyScope, kmsKeyArn: string): Statement {
  return {
    Sid: "ChooseKey",
    Effect: "Allow",
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: kmsKeyArn,
    Condition: {
      StringEquals: throughSecretsManager(place),
      StringLike: {
        "kms:EncryptionContext:SecretARN": [
          storeSecretsOf(place, prefix),
          "RequestToValidateKeyAccess",
        ],
      },
    },
  };
}

/** Switching a rotation on asks for the right to call its function. */
function mayNameRotation({ place, prefix }: PolicyScope): Statement {
  return {
    Sid: "NameRotation",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: functionArnOf(place, prefix, "rotate"),
  };
}

/** Read the list, write what a run has to do and what failed in it. */
function mayWorkInBucket(fleet: PolicyScope): Statement[] {
  const bucket = listBucketArn(fleet.prefix, fleet.place);
  return [
    {
      Sid: "ReadList",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: `${bucket}/${LIST_KEY}`,
    },
    {
      Sid: "WriteRuns",
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: [`${bucket}/${FAILED_HEAD}*`, `${bucket}/${WORK_HEAD}*`],
    },
  ];
}

/**
 * What the state machine's role does: its functions, the object that its map reads, its results, and the map's own
 * children (Step Functions developer guide, "IAM policies for using Distributed Map states").
 */
export function mayRunMachine(fleet: PolicyScope, functionArns: readonly string[]): Statement[] {
  const { place, prefix } = fleet;
  const bucket = listBucketArn(fleet.prefix, fleet.place);
  const head = `arn:${place.partition}:states:${place.region}:${place.accountId}`;
  const machine = listMachineName(prefix);
  return [
    {
      Sid: "CallFunctions",
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: functionArns,
    },
    {
      Sid: "ReadWork",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: `${bucket}/${WORK_HEAD}*`,
    },
    {
      Sid: "WriteResults",
      Effect: "Allow",
      Action: [
        "s3:AbortMultipartUpload",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      Resource: `${bucket}/${RESULTS_HEAD}/*`,
    },
    {
      Sid: "StartStores",
      Effect: "Allow",
      Action: ["states:StartExecution"],
      Resource: `${head}:stateMachine:${machine}`,
    },
    {
      Sid: "FollowStores",
      Effect: "Allow",
      Action: ["states:DescribeExecution", "states:StopExecution"],
      Resource: `${head}:execution:${machine}:*`,
    },
    {
      Sid: "RedriveStores",
      Effect: "Allow",
      Action: ["states:RedriveExecution"],
      Resource: [MAP_LABEL, WAVE_LABEL].map((label) => `${head}:execution:${machine}/${label}:*`),
    },
  ];
}

/** Start, follow, stop and resume the runs of the list, and read it and what failed: `apply`. */
export function mayApplyList(fleet: PolicyScope): Statement[] {
  const { place, prefix } = fleet;
  const bucket = listBucketArn(fleet.prefix, fleet.place);
  const head = `arn:${place.partition}:states:${place.region}:${place.accountId}`;
  const machine = listMachineName(prefix);
  return [
    {
      Sid: "StartRuns",
      Effect: "Allow",
      Action: ["states:ListExecutions", "states:StartExecution"],
      Resource: `${head}:stateMachine:${machine}`,
    },
    {
      Sid: "FollowRuns",
      Effect: "Allow",
      Action: [
        "states:DescribeExecution",
        "states:ListMapRuns",
        "states:RedriveExecution",
        "states:StopExecution",
      ],
      Resource: `${head}:execution:${machine}:*`,
    },
    {
      Sid: "FollowStores",
      Effect: "Allow",
      Action: ["states:DescribeMapRun", "states:UpdateMapRun"],
      Resource: `${head}:mapRun:${machine}/*`,
    },
    {
      Sid: "ReadListAndFailures",
      Effect: "Allow",
      Action: ["s3:GetObject"],
      Resource: [`${bucket}/${LIST_KEY}`, `${bucket}/${FAILED_HEAD}*`],
    },
    {
      Sid: "WriteWaves",
      Effect: "Allow",
      Action: ["s3:PutObject"],
      Resource: `${bucket}/${WORK_HEAD}*`,
    },
    { Sid: "FindFailures", Effect: "Allow", Action: ["s3:ListBucket"], Resource: bucket },
  ];
}
