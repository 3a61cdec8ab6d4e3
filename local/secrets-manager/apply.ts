import { AwsError } from "./aws-error";
import { checkInput } from "./check-input";
import { REQUESTS } from "./constraints";
import { createSecret } from "./operations/create";
import { deleteSecret, restoreSecret, withoutExpiredSecrets } from "./operations/deletion";
import { listSecrets, listSecretVersionIds } from "./operations/list";
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from "./operations/policy";
import { getRandomPassword } from "./operations/random-password";
import {
  afterMissedRead,
  batchGetSecretValue,
  describeSecret,
  getSecretValue,
} from "./operations/read";
import { cancelRotateSecret, rotateSecret } from "./operations/rotation";
import { tagResource, untagResource } from "./operations/tags";
import { putSecretValue, updateSecret, updateSecretVersionStage } from "./operations/write";
import type { GetSecretValueRequest } from "./requests";
import type { Effect, ModelState, Outcome, Surroundings } from "./state";

export interface ModelRequest {
  /** As in the API: "GetSecretValue". */
  readonly operation: string;
  readonly input: unknown;
}

/** The state after a request, its answer or error, and what follows from it outside. */
export type Applied = {
  readonly state: ModelState;
  readonly effects: readonly Effect[];
} & (
  | { readonly answer: object; readonly error?: never }
  | { readonly error: AwsError; readonly answer?: never }
);

type Operation = (state: ModelState, request: never, around: Surroundings) => Outcome;

/** Every operation that the model answers. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  CreateSecret: createSecret,
  DescribeSecret: describeSecret,
  GetSecretValue: getSecretValue,
  BatchGetSecretValue: batchGetSecretValue,
  PutSecretValue: putSecretValue,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
  ListSecrets: listSecrets,
  ListSecretVersionIds: listSecretVersionIds,
  TagResource: tagResource,
  UntagResource: untagResource,
  RotateSecret: rotateSecret,
  CancelRotateSecret: cancelRotateSecret,
  DeleteSecret: deleteSecret,
  RestoreSecret: restoreSecret,
  GetResourcePolicy: getResourcePolicy,
  PutResourcePolicy: putResourcePolicy,
  DeleteResourcePolicy: deleteResourcePolicy,
  ValidateResourcePolicy: validateResourcePolicy,
  GetRandomPassword: getRandomPassword,
};

/** Secrets Manager as a pure function: state and request in, state and answer out. */
export function apply(before: ModelState, request: ModelRequest, around: Surroundings): Applied {
  const state = withoutExpiredSecrets(before, around.now);
  try {
    const outcome = outcomeOf(state, request, around);
    return { ...outcome, state: nearerToConsistency(outcome.state, request) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { state: nearerToConsistency(state, request), effects: [], error };
  }
}

function outcomeOf(state: ModelState, request: ModelRequest, around: Surroundings): Outcome {
  const operation = OPERATIONS[request.operation];
  const members = REQUESTS[request.operation];
  if (operation === undefined || members === undefined) {
    throw new AwsError(
      "UnknownOperationException",
      `The local Secrets Manager does not know the operation ${request.operation}.`,
    );
  }
  return operation(state, checkInput(request.input, members) as never, around);
}

function nearerToConsistency(state: ModelState, { operation, input }: ModelRequest): ModelState {
  if (operation !== "GetSecretValue") return state;
  return afterMissedRead(state, input as Partial<GetSecretValueRequest>);
}
