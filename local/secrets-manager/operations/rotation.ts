import { cannotInvoke, invalidParameter, invalidRequest } from "../aws-error";
import { present } from "../present";
import type { RotateSecretRequest, SecretIdRequest } from "../requests";
import { parseSchedule } from "../schedule";
import { checkToken, findSecret, requireLiveSecret } from "../secret-id";
import {
  answered,
  holderOf,
  type ModelState,
  type Outcome,
  type Rotation,
  type RotationRules,
  type Secret,
  type SecretVersion,
  type Surroundings,
  versionOf,
  withSecret,
} from "../state";
import { withRegisteredVersion, withTestVersion } from "../versions";
import { nextWindow, withRotation } from "../windows";

/**
 * Registers a version and answers; the steps follow as the effect `rotation-started`.
 *
 * @throws {AwsError} `InvalidRequestException`, `InvalidParameterException`, `AccessDeniedException`
 */
export function rotateSecret(
  state: ModelState,
  request: RotateSecretRequest,
  around: Surroundings,
): Outcome {
  const token = requireRotationToken(request);
  const secret = requireLiveSecret(state, request.SecretId);
  const configured = configuredRotation(secret, request);
  const answer = { ARN: secret.arn, Name: secret.name, VersionId: token };
  if (versionOf(secret, token) !== undefined) return answered(state, answer);
  if (incompleteVersion(secret) !== undefined) {
    throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (!around.mayInvoke) throw cannotInvoke();
  const started = startedRotation(withRotation(secret, configured), request, { token, around });
  return {
    state: withSecret(state, started),
    answer,
    effects: [{ kind: "rotation-started", secretArn: secret.arn, token }],
  };
}

/** Turns the schedule off and gives up a rotation under way; labels stay where they are. */
export function cancelRotateSecret(
  state: ModelState,
  request: SecretIdRequest,
  around: Surroundings,
): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  const { rotation } = secret;
  if (rotation === undefined) {
    throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  }
  const off = { ...rotation, enabled: false, window: undefined, attempt: undefined };
  return {
    state: withSecret(state, { ...withRotation(secret, off), changedAt: around.now }),
    answer: {
      ARN: secret.arn,
      Name: secret.name,
      ...present({ VersionId: rotation.attempt?.token }),
    },
    effects: [],
  };
}

/** The function that a RotateSecret request would call; undefined when the request must fail anyway. */
export function rotationTarget(
  state: ModelState,
  input: unknown,
): { readonly secretArn: string; readonly functionArn: string } | undefined {
  const { SecretId, RotationLambdaARN } = (input ?? {}) as Partial<RotateSecretRequest>;
  if (typeof SecretId !== "string") return undefined;
  const secret = findSecret(state, SecretId);
  const functionArn = RotationLambdaARN || secret?.rotation?.functionArn;
  if (secret === undefined || typeof functionArn !== "string") return undefined;
  return { secretArn: secret.arn, functionArn };
}

/** The version on which AWSPENDING blocks a new rotation: any that is not current. */
export function incompleteVersion(secret: Secret): SecretVersion | undefined {
  const pending = holderOf(secret, "AWSPENDING");
  return pending?.stages.includes("AWSCURRENT") ? undefined : pending;
}

function requireRotationToken(request: RotateSecretRequest): string {
  if (request.ClientRequestToken === undefined) {
    throw invalidParameter(
      "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
    );
  }
  return checkToken(request.ClientRequestToken);
}

function configuredRotation(secret: Secret, request: RotateSecretRequest): Rotation {
  const before = secret.rotation;
  const functionArn = request.RotationLambdaARN || before?.functionArn;
  if (functionArn === undefined) {
    throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
  }
  const rules = request.RotationRules ?? before?.rules;
  if (rules !== undefined) parseSchedule(rules);
  const isSameSchedule = before?.enabled === true && sameRules(before.rules, rules);
  return {
    functionArn,
    rules,
    enabled: true,
    lastRotatedAt: before?.lastRotatedAt,
    window: isSameSchedule ? before.window : undefined,
  };
}

function startedRotation(
  secret: Secret,
  request: RotateSecretRequest,
  { token, around }: { readonly token: string; readonly around: Surroundings },
): Secret {
  const isImmediate = request.RotateImmediately !== false;
  const kept = isImmediate ? undefined : secret.rotation?.window;
  const window = kept ?? nextWindow(secret, around.now, around);
  const kind = isImmediate ? "rotate" : "test-only";
  const registered = isImmediate
    ? withRegisteredVersion(secret, token, around)
    : withTestVersion(secret, token, around);
  return {
    ...registered,
    changedAt: around.now,
    rotation: registered.rotation && {
      ...registered.rotation,
      window,
      attempt: { token, kind, failures: 0 },
    },
  };
}

function sameRules(one: RotationRules | undefined, other: RotationRules | undefined): boolean {
  return (
    one?.AutomaticallyAfterDays === other?.AutomaticallyAfterDays &&
    one?.ScheduleExpression === other?.ScheduleExpression &&
    one?.Duration === other?.Duration
  );
}
