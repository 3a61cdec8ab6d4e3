import { RESULTS_HEAD } from "../../contract/listed/list-bucket";
import { MAP_LABEL } from "../../contract/listed/list-steps";

/** What a state machine that applies a list is made of. */
export interface MachineParts {
  readonly partition: string;
  readonly applyArn: string;
  readonly enrolArn: string;
  readonly bucket: string;
  readonly concurrency: number;
  /** In percent. */
  readonly toleratedFailures: number;
}

/**
 * What Lambda answers when it is not the function's fault ("Handling Lambda service exceptions", Step Functions
 * developer guide); `Lambda.Unknown` is a function that ended without an answer, as one that was killed.
 */
const LAMBDA_TROUBLE = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Lambda.Unknown",
  "Runtime.ExitError",
];

/**
 * A function that nobody called for weeks sleeps (Lambda developer guide, "Lambda function states"), and was seen to wake
 * in 40 to 106 seconds; the first call wakes it, and is refused.
 */
const ASLEEP = [
  "Lambda.CodeArtifactUserPendingException",
  "Lambda.ResourceConflictException",
  "Lambda.ResourceNotReadyException",
];

const RETRY = [
  { ErrorEquals: ASLEEP, IntervalSeconds: 10, MaxAttempts: 12, BackoffRate: 1.2 },
  {
    ErrorEquals: LAMBDA_TROUBLE,
    IntervalSeconds: 2,
    MaxAttempts: 5,
    BackoffRate: 2,
    JitterStrategy: "FULL",
  },
];

/** The state machine of a list, in the Amazon States Language. */
export function encodeMachine(parts: MachineParts): string {
  return JSON.stringify({
    Comment: "Compares a list of stores with what is there, and carries out the difference",
    StartAt: "Plan",
    States: {
      Plan: {
        ...call(parts, parts.applyArn, {
          action: "plan",
          "run.$": "$$.Execution.Name",
          "input.$": "$$.Execution.Input",
        }),
        ResultSelector: { "plan.$": "$.Payload" },
        Next: "AnythingToDo",
      },
      AnythingToDo: {
        Type: "Choice",
        Choices: [{ Variable: "$.plan.tasks", NumericEquals: 0, Next: "Done" }],
        Default: MAP_LABEL,
      },
      [MAP_LABEL]: mapOf(parts),
      Done: { Type: "Succeed" },
    },
  });
}

function mapOf(parts: MachineParts): object {
  const { partition, bucket } = parts;
  return {
    Type: "Map",
    Label: MAP_LABEL,
    ItemReader: {
      Resource: `arn:${partition}:states:::s3:getObject`,
      ReaderConfig: { InputType: "JSONL" },
      Parameters: { "Bucket.$": "$.plan.bucket", "Key.$": "$.plan.key" },
    },
    ItemSelector: { "run.$": "$$.Execution.Name", "item.$": "$$.Map.Item.Value" },
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
      StartAt: "Make",
      States: statesOfStore(parts),
    },
    MaxConcurrency: parts.concurrency,
    ToleratedFailurePercentage: parts.toleratedFailures,
    // Without it the states' results, of all stores together, would be too long for a state's output.
    ResultWriter: {
      Resource: `arn:${partition}:states:::s3:putObject`,
      Parameters: { Bucket: bucket, Prefix: RESULTS_HEAD },
    },
    ResultPath: null,
    Next: "Done",
  };
}

/** One store: its secret, then its token, then its rotation; what fails is written down, and counted. */
function statesOfStore(parts: MachineParts): object {
  const { applyArn, enrolArn } = parts;
  const noted = { Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Note" }] };
  return {
    Make: {
      ...call(parts, applyArn, { action: "make", "item.$": "$.item" }),
      ResultSelector: { "next.$": "$.Payload.next", "enrol.$": "$.Payload.enrol" },
      ResultPath: "$.made",
      ...noted,
      Next: "AnyToken",
    },
    AnyToken: {
      Type: "Choice",
      Choices: [{ Variable: "$.made.next", StringEquals: "enrol", Next: "Enrol" }],
      Default: "Finished",
    },
    Enrol: {
      ...call(parts, enrolArn, undefined),
      ResultSelector: { "outcome.$": "$.Payload.outcome" },
      ResultPath: "$.enrolled",
      ...noted,
      Next: "Schedule",
    },
    Schedule: {
      ...call(parts, applyArn, { action: "schedule", "item.$": "$.item" }),
      ResultPath: null,
      ...noted,
      Next: "Finished",
    },
    Note: {
      ...call(parts, applyArn, {
        action: "note",
        "run.$": "$.run",
        "item.$": "$.item",
        "error.$": "$.error",
      }),
      ResultPath: null,
      Next: "Failed",
    },
    Failed: { Type: "Fail", Error: "StoreFailed" },
    Finished: { Type: "Pass", Parameters: { "store.$": "$.item.store" }, End: true },
  };
}

/** A call of a function; without a payload the enrolment that was made ready. */
function call(
  { partition }: MachineParts,
  functionArn: string,
  payload: object | undefined,
): object {
  return {
    Type: "Task",
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters:
      payload === undefined
        ? { FunctionName: functionArn, "Payload.$": "$.made.enrol" }
        : { FunctionName: functionArn, Payload: payload },
    Retry: RETRY,
  };
}
