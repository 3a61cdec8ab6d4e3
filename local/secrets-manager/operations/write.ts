import { invalidParameter, invalidRequest, valueNotFound } from "../aws-error";
import { shownStages } from "../present";
import type {
  PutSecretValueRequest,
  UpdateSecretRequest,
  UpdateSecretVersionStageRequest,
} from "../requests";
import { requireLiveSecret } from "../secret-id";
import {
  changed,
  holderOf,
  type ModelState,
  type Outcome,
  type Secret,
  type Surroundings,
  versionOf,
} from "../state";
import { type NewVersion, withLabel, withNewVersion, withoutLabel } from "../versions";
import { afterManualValue } from "../windows";
import { requireToken, valueIn } from "./create";

export function putSecretValue(
  state: ModelState,
  request: PutSecretValueRequest,
  around: Surroundings,
): Outcome {
  const token = requireToken(request);
  const value = valueIn(request);
  if (value === undefined) {
    throw invalidRequest("You must provide either SecretString or SecretBinary.");
  }
  const secret = requireLiveSecret(state, request.SecretId);
  const stages = request.VersionStages ?? ["AWSCURRENT"];
  const written = storeVersion(secret, { id: token, value, stages }, around);
  return changed(state, written, {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: token,
    ...shownStages(versionOf(written, token)?.stages ?? []),
  });
}

export function updateSecret(
  state: ModelState,
  request: UpdateSecretRequest,
  around: Surroundings,
): Outcome {
  const value = valueIn(request);
  const id = value === undefined ? undefined : requireToken(request);
  const secret = requireLiveSecret(state, request.SecretId);
  const described = withDetails(secret, request, around);
  const updated =
    value === undefined || id === undefined
      ? described
      : storeVersion(described, { id, value, stages: ["AWSCURRENT"] }, around);
  return changed(state, updated, {
    ARN: secret.arn,
    Name: secret.name,
    ...(id === undefined ? {} : { VersionId: id }),
  });
}

/** Moves one label, as a compare-and-swap when another version holds it. */
export function updateSecretVersionStage(
  state: ModelState,
  request: UpdateSecretVersionStageRequest,
  around: Surroundings,
): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  const { VersionStage: label, MoveToVersionId: to, RemoveFromVersionId: from } = request;
  if (to === undefined && from === undefined) {
    throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId or both.");
  }
  checkHolder(secret, request);
  const moved =
    to === undefined
      ? withoutLabel(secret, label, from ?? "")
      : withLabel(secret, label, valued(secret, to));
  return changed(
    state,
    { ...moved, changedAt: around.now },
    { ARN: secret.arn, Name: secret.name },
  );
}

function checkHolder(secret: Secret, request: UpdateSecretVersionStageRequest): void {
  const { VersionStage: label, MoveToVersionId: to, RemoveFromVersionId: from } = request;
  const holder = holderOf(secret, label)?.id;
  if (from === undefined) {
    if (holder === undefined || holder === to) return;
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (holder !== from) {
    throw invalidParameter(
      `When you move staging label ${label}, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label ${label}.`,
    );
  }
  if (to === undefined && label === "AWSCURRENT") {
    throw invalidParameter(
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    );
  }
}

/** A registered version without a value does not exist yet for the one who moves labels. */
function valued(secret: Secret, versionId: string): string {
  if (versionOf(secret, versionId)?.value === undefined) {
    throw valueNotFound(`VersionId: ${versionId}`);
  }
  return versionId;
}

function storeVersion(secret: Secret, version: NewVersion, around: Surroundings): Secret {
  const written = withNewVersion(secret, version, around);
  if (written === secret) return secret;
  const isCurrent = holderOf(written, "AWSCURRENT")?.id === version.id;
  const touched = { ...written, changedAt: around.now };
  return isCurrent ? afterManualValue(touched, around) : touched;
}

function withDetails(secret: Secret, request: UpdateSecretRequest, around: Surroundings): Secret {
  const { Description: description, KmsKeyId: kmsKeyId, Type: type } = request;
  if (description === undefined && kmsKeyId === undefined && type === undefined) return secret;
  return {
    ...secret,
    description: description === undefined ? secret.description : description || undefined,
    kmsKeyId: kmsKeyId === undefined ? secret.kmsKeyId : kmsKeyId || undefined,
    type: type ?? secret.type,
    changedAt: around.now,
  };
}
