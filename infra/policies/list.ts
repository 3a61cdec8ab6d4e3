import { LIST_KEY, RESULTS_HEAD } from "../../contract/listed/list-bucket";
import { MAP_LABEL } from "../../contract/listed/list-steps";
import { functionName, listBucketName, listMachineName } from "../../contract/names";
import type { PolicyScope } from "./functions";
import { type Statement, storeSecretsOf, throughSecretsManager } from "./statement";

/** Make, describe, restore and retire the secrets of stores, and their schedules; read no value. */
export function mayMakeStores(fleet: PolicyScope): Statement {
  return {
    Sid: "MakeStores",
    Effect: "Allow",
    Action: [
      "secretsmanager:CancelRotateSecret",
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "secretsmanager:DescribeSecret",
      "secretsmanager:RestoreSecret",
      "secretsmanager:RotateSecret",
      "secretsmanager:TagResource",
      "secretsmanager:UntagResource",
      "secretsmanager:UpdateSecret",
    ],
    Resource: storeSecretsOf(fleet.place, fleet.prefix),
  };
}

/** Secrets Manager tries the key of a new secret in the caller's name, before there is a value (its user guide, "Secret encryption"). */
export function mayChooseKey({ place, prefix }: PolicyScope, kmsKeyArn: string): Statement {
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
export function mayNameRotation({ place, prefix }: PolicyScope): Statement {
  const { partition, region, accountId } = place;
  return {
    Sid: "NameRotation",
    Effect: "Allow",
    Action: ["lambda:InvokeFunction"],
    Resource: `arn:${partition}:lambda:${region}:${accountId}:function:${functionName(prefix, "rotate")}`,
  };
}

/** Read the list, write what a run has to do and what failed in it. */
export function mayWorkInBucket(fleet: PolicyScope): Statement[] {
  const bucket = bucketArnOf(fleet);
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
      Resource: [`${bucket}/failed/*`, `${bucket}/work/*`],
    },
  ];
}

/**
 * What the state machine's role does: its functions, the object that its map reads, its results, and the map's own
 * children (Step Functions developer guide, "IAM policies for using Distributed Map states").
 */
export function mayRunMachine(fleet: PolicyScope, functionArns: readonly string[]): Statement[] {
  const { place, prefix } = fleet;
  const bucket = bucketArnOf(fleet);
  const head = `arn:${place.partition}:states:${place.region}:${place.accountId}`;
  const machine = listMachineName(prefix);
  return [
    {
      Sid: "CallFunctions",
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: functionArns,
    },
    { Sid: "ReadWork", Effect: "Allow", Action: ["s3:GetObject"], Resource: `${bucket}/work/*` },
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
      Resource: `${head}:execution:${machine}/${MAP_LABEL}:*`,
    },
  ];
}

/** Start, follow, stop and resume the runs of the list, and read it and what failed: `apply`. */
export function mayApplyList(fleet: PolicyScope): Statement[] {
  const { place, prefix } = fleet;
  const bucket = bucketArnOf(fleet);
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
      Resource: [`${bucket}/${LIST_KEY}`, `${bucket}/failed/*`],
    },
    { Sid: "FindFailures", Effect: "Allow", Action: ["s3:ListBucket"], Resource: bucket },
  ];
}

function bucketArnOf({ place, prefix }: PolicyScope): string {
  return `arn:${place.partition}:s3:::${listBucketName(prefix, place)}`;
}
