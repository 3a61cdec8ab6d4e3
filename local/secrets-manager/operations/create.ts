import { AwsError, invalidParameter, invalidRequest, tokenInUse } from "../aws-error";
import type { CreateSecretRequest, ValueRequest } from "../requests";
import { byName, checkName, checkToken } from "../secret-id";
import {
  answered,
  changed,
  type ModelState,
  type Outcome,
  type Secret,
  type SecretValue,
  type Surroundings,
  versionOf,
} from "../state";
import { sameValue, withNewVersion } from "../versions";
import { checkedTags } from "./tags";

export function createSecret(
  state: ModelState,
  request: CreateSecretRequest,
  around: Surroundings,
): Outcome {
  checkName(request.Name);
  if (request.AddReplicaRegions !== undefined) {
    throw invalidParameter("The local Secrets Manager has one region and no replicas.");
  }
  const token = requireToken(request);
  const value = valueIn(request);
  const existing = byName(state, request.Name);
  if (existing !== undefined) return answerForExisting(state, existing, { token, value });
  if (isNameKept(state, request.Name, around)) throw nameScheduledForDeletion();
  const empty = emptySecret(request, around);
  const secret =
    value === undefined
      ? empty
      : withNewVersion(empty, { id: token, value, stages: ["AWSCURRENT"] }, around);
  return changed(state, secret, {
    ARN: secret.arn,
    Name: secret.name,
    ...(value === undefined ? {} : { VersionId: token }),
  });
}

/** @throws {AwsError} `InvalidRequestException`, `InvalidParameterException` */
export function requireToken(request: ValueRequest): string {
  if (request.ClientRequestToken === undefined) {
    throw invalidRequest(
      "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
    );
  }
  return checkToken(request.ClientRequestToken);
}

/** The value that a request brings, if any. */
export function valueIn(request: ValueRequest): SecretValue | undefined {
  const { SecretString: text, SecretBinary: binary } = request;
  if (text !== undefined && binary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value.",
    );
  }
  if (text !== undefined) return { text };
  return binary === undefined ? undefined : { binary };
}

const nameScheduledForDeletion = (): AwsError =>
  invalidRequest(
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );

/** Whether a secret of that name was gone a moment ago: "use appropriate back off and retry logic" (API text of ForceDeleteWithoutRecovery). */
function isNameKept(state: ModelState, name: string, { now, switches }: Surroundings): boolean {
  const goneAt = state.goneAt?.get(name);
  return goneAt !== undefined && now < goneAt + switches.nameKeptMs;
}

function answerForExisting(
  state: ModelState,
  existing: Secret,
  { token, value }: { readonly token: string; readonly value: SecretValue | undefined },
): Outcome {
  if (existing.deletion !== undefined) {
    throw nameScheduledForDeletion();
  }
  const version = versionOf(existing, token);
  if (version?.value === undefined || value === undefined) {
    throw new AwsError(
      "ResourceExistsException",
      `The operation failed because the secret ${existing.name} already exists.`,
    );
  }
  if (!sameValue(version.value, value)) throw tokenInUse(token, existing.arn);
  return answered(state, { ARN: existing.arn, Name: existing.name, VersionId: token });
}

function emptySecret(request: CreateSecretRequest, around: Surroundings): Secret {
  const { region, accountId, randomness, now } = around;
  return {
    arn: `arn:aws:secretsmanager:${region}:${accountId}:secret:${request.Name}-${randomness.arnSuffix()}`,
    name: request.Name,
    description: request.Description || undefined,
    kmsKeyId: request.KmsKeyId || undefined,
    type: request.Type || undefined,
    tags: request.Tags === undefined ? undefined : checkedTags([], request.Tags),
    createdAt: now,
    changedAt: now,
    versions: [],
    creations: [],
  };
}
