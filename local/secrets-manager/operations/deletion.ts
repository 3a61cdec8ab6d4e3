import { invalidParameter } from "../aws-error";
import type { DeleteSecretRequest, SecretIdRequest } from "../requests";
import { checkName, findSecret, requireLiveSecret, requireSecret } from "../secret-id";
import {
  changed,
  type ModelState,
  type Outcome,
  type Secret,
  type Surroundings,
  withoutSecret,
} from "../state";

const DAY_MS = 86_400_000;
const DEFAULT_WINDOW_DAYS = 30;

export function deleteSecret(
  state: ModelState,
  request: DeleteSecretRequest,
  around: Surroundings,
): Outcome {
  checkWindow(request);
  if (request.ForceDeleteWithoutRecovery === true) return deleteAtOnce(state, request, around);
  const secret = requireLiveSecret(state, request.SecretId);
  const days = request.RecoveryWindowInDays ?? DEFAULT_WINDOW_DAYS;
  const dueAt = around.now + days * DAY_MS;
  return changed(
    state,
    { ...secret, deletion: { askedAt: around.now, dueAt } },
    { ...nameOf(secret), DeletionDate: new Date(dueAt) },
  );
}

export function restoreSecret(state: ModelState, request: SecretIdRequest): Outcome {
  const secret = requireSecret(state, request.SecretId);
  return changed(state, { ...secret, deletion: undefined }, nameOf(secret));
}

/** Forgets the secrets whose recovery window is over. */
export function withoutExpiredSecrets(state: ModelState, now: number): ModelState {
  let remaining = state;
  for (const secret of state.secrets.values()) {
    if (secret.deletion !== undefined && secret.deletion.dueAt <= now) {
      remaining = withoutSecret(remaining, secret, secret.deletion.dueAt);
    }
  }
  return remaining;
}

/** Does not mind a secret that is unknown or marked for deletion already. */
function deleteAtOnce(
  state: ModelState,
  request: DeleteSecretRequest,
  around: Surroundings,
): Outcome {
  const secret = findSecret(state, request.SecretId);
  const answer = { ...(secret ? nameOf(secret) : unknownName(request.SecretId, around)) };
  return {
    state: secret ? withoutSecret(state, secret, around.now) : state,
    answer: { ...answer, DeletionDate: new Date(around.now) },
    effects: [],
  };
}

function unknownName(secretId: string, { region, accountId, randomness }: Surroundings): object {
  if (secretId.startsWith("arn:")) return { ARN: secretId, Name: secretId.split(":").at(-1) };
  checkName(secretId);
  const suffix = randomness.arnSuffix();
  return {
    ARN: `arn:aws:secretsmanager:${region}:${accountId}:secret:${secretId}-${suffix}`,
    Name: secretId,
  };
}

function checkWindow(request: DeleteSecretRequest): void {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = request;
  if (days === undefined) return;
  if (force === true) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (days < 7 || days > 30) {
    throw invalidParameter(
      "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
    );
  }
}

const nameOf = (secret: Secret): object => ({ ARN: secret.arn, Name: secret.name });
