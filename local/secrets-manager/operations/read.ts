import { AwsError, invalidParameter, invalidRequest, valueNotFound } from "../aws-error";
import { present, shownStages } from "../present";
import type {
  BatchGetSecretValueRequest,
  GetSecretValueRequest,
  SecretIdRequest,
} from "../requests";
import { findSecret, requireLiveSecret, requireSecret } from "../secret-id";
import {
  answered,
  holderOf,
  type ModelState,
  type Outcome,
  type Secret,
  type SecretVersion,
  type Surroundings,
  stagesByVersion,
  versionOf,
  withSecret,
} from "../state";
import { describedSecret, matchingSecrets, pageOf } from "./list";

const DAY_MS = 86_400_000;

export function describeSecret(state: ModelState, request: SecretIdRequest): Outcome {
  const secret = requireSecret(state, request.SecretId);
  return answered(state, {
    ...describedSecret(secret),
    ...present({ VersionIdsToStages: stagesByVersion(secret) }),
  });
}

export function getSecretValue(
  state: ModelState,
  request: GetSecretValueRequest,
  around: Surroundings,
): Outcome {
  const secret = requireLiveSecret(state, request.SecretId);
  const version = requestedVersion(secret, request);
  return {
    state: withSecret(state, accessed(secret, version, around.now)),
    answer: valueAnswer(secret, version),
    effects: [],
  };
}

/** One read nearer to consistency: counts a read of a version that reads still miss. */
export function afterMissedRead(
  state: ModelState,
  request: Partial<GetSecretValueRequest>,
): ModelState {
  if (typeof request?.SecretId !== "string") return state;
  const secret = findSecret(state, request.SecretId);
  const missed = secret && candidate(secret, request);
  if (!secret || !missed?.missesLeft) return state;
  const versions = secret.versions.map((version) =>
    version === missed ? { ...version, missesLeft: version.missesLeft - 1 } : version,
  );
  return withSecret(state, { ...secret, versions });
}

/** Answers for up to 20 secrets; what fails for one secret is listed under Errors. */
export function batchGetSecretValue(
  state: ModelState,
  request: BatchGetSecretValueRequest,
  around: Surroundings,
): Outcome {
  const { ids, nextToken } = batchIds(state, request);
  const values: object[] = [];
  const errors: object[] = [];
  let latest = state;
  for (const SecretId of ids) {
    try {
      const read = getSecretValue(latest, { SecretId }, around);
      latest = read.state;
      values.push(read.answer);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
    }
    latest = afterMissedRead(latest, { SecretId });
  }
  return {
    state: latest,
    answer: { SecretValues: values, Errors: errors, ...present({ NextToken: nextToken }) },
    effects: [],
  };
}

function batchIds(
  state: ModelState,
  request: BatchGetSecretValueRequest,
): { readonly ids: readonly string[]; readonly nextToken: string | undefined } {
  const { SecretIdList, Filters } = request;
  if ((SecretIdList === undefined) === (Filters === undefined)) {
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (SecretIdList !== undefined) {
    if (request.MaxResults !== undefined) {
      throw invalidParameter(
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
      );
    }
    return { ids: SecretIdList, nextToken: undefined };
  }
  const found = matchingSecrets(state, Filters ?? []).filter((secret) => !secret.deletion);
  const page = pageOf(found, { MaxResults: 20, ...request });
  return { ids: page.items.map((secret) => secret.arn), nextToken: page.nextToken };
}

function requestedVersion(secret: Secret, request: GetSecretValueRequest): SecretVersion {
  const { VersionId: id, VersionStage: stage } = request;
  const version = candidate(secret, request);
  if (id === undefined) {
    const label = stage ?? "AWSCURRENT";
    if (version?.missesLeft) return staleHolder(secret, label);
    if (version?.value === undefined) throw valueNotFound(`staging label: ${label}`);
    return version;
  }
  if (version?.value === undefined || version.missesLeft > 0) {
    throw valueNotFound(`VersionId: ${id}`);
  }
  if (stage !== undefined && !version.stages.includes(stage)) {
    throw invalidRequest(
      "You provided a VersionStage that is not associated to the provided VersionId.",
    );
  }
  return version;
}

const candidate = (
  secret: Secret,
  request: Partial<GetSecretValueRequest>,
): SecretVersion | undefined =>
  request.VersionId === undefined
    ? holderOf(secret, request.VersionStage ?? "AWSCURRENT")
    : versionOf(secret, request.VersionId);

/** What an inconsistent read of a label sees: AWSCURRENT where it was, every other label nowhere. */
function staleHolder(secret: Secret, label: string): SecretVersion {
  const previous = label === "AWSCURRENT" ? holderOf(secret, "AWSPREVIOUS") : undefined;
  if (previous?.value === undefined) throw valueNotFound(`staging label: ${label}`);
  return { ...previous, stages: ["AWSCURRENT"] };
}

/** Reads show as a date without a time, as AWS's do. */
function accessed(secret: Secret, read: SecretVersion, now: number): Secret {
  const accessedAt = Math.floor(now / DAY_MS) * DAY_MS;
  const versions = secret.versions.map((version) => {
    if (version.id === read.id) return { ...version, accessedAt };
    return version;
  });
  return { ...secret, accessedAt, versions };
}

function valueAnswer(secret: Secret, version: SecretVersion): object {
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...present({ SecretString: version.value?.text, SecretBinary: version.value?.binary }),
    ...shownStages(version.stages),
    CreatedDate: new Date(version.createdAt),
  };
}
