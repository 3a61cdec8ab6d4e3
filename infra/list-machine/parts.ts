import { RESULTS_HEAD } from "../../contract/listed/list-bucket";

/** What a state machine that applies a list is made of. */
export interface MachineParts {
  readonly partition: string;
  readonly applyArn: string;
  readonly enrolArn: string;
  readonly sweepArn: string;
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
 * in 40 to 106 seconds; the first call wakes it, and is refused. A store's child lives for five minutes (Step Functions
 * developer guide, "Express"), in which it has to come to its note too: so one function may be waited for 129 seconds.
 */
const ASLEEP = [
  "Lambda.CodeArtifactUserPendingException",
  "Lambda.ResourceConflictException",
  "Lambda.ResourceNotReadyException",
];

const RETRY = [
  { ErrorEquals: ASLEEP, IntervalSeconds: 10, MaxAttempts: 7, BackoffRate: 1.2 },
  {
    ErrorEquals: LAMBDA_TROUBLE,
    IntervalSeconds: 2,
    MaxAttempts: 5,
    BackoffRate: 2,
    MaxDelaySeconds: 10,
    JitterStrategy: "FULL",
  },
];

/**
 * Also tried again for two minutes where the role may not call it, as one that `up` made seconds ago: "Changes that you
 * make in IAM … are eventually consistent" (IAM user guide, "Changes that I make are not always immediately visible").
 * Step Functions calls that refusal `Lambda.AWSLambdaException` (as awslabs/aws-deployment-framework#460 shows), and the
 * language has a name for it (`States.Permissions`, Amazon States Language, "Errors").
 */
export const RETRY_NEW_ROLE = {
  Retry: [
    {
      ErrorEquals: ["Lambda.AWSLambdaException", "States.Permissions"],
      IntervalSeconds: 5,
      MaxAttempts: 8,
      BackoffRate: 1.5,
      MaxDelaySeconds: 20,
    },
    ...RETRY,
  ],
};

/** A call of a function with a payload, or with what a path leads to. */
export function callOf(
  { partition }: Pick<MachineParts, "partition">,
  functionArn: string,
  payload: { readonly Payload: object } | { readonly "Payload.$": string },
): object {
  return {
    Type: "Task",
    Resource: `arn:${partition}:states:::lambda:invoke`,
    Parameters: { FunctionName: functionArn, ...payload },
    Retry: RETRY,
  };
}

/** Without it the states' results, of all stores together, would be too long for a state's output. */
export function resultWriterOf({ partition, bucket }: MachineParts): object {
  return {
    ResultWriter: {
      Resource: `arn:${partition}:states:::s3:putObject`,
      Parameters: { Bucket: bucket, Prefix: RESULTS_HEAD },
    },
  };
}
