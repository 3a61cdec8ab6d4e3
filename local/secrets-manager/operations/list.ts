import { AwsError, invalidParameter } from "../aws-error";
import { dateOf, present, shownStages } from "../present";
import type {
  Filter,
  ListSecretsRequest,
  ListSecretVersionIdsRequest,
  PageRequest,
} from "../requests";
import { parseSchedule } from "../schedule";
import { requireSecret } from "../secret-id";
import {
  answered,
  type ModelState,
  type Outcome,
  type Rotation,
  type Secret,
  type SecretVersion,
  stagesByVersion,
} from "../state";
import { filterOf } from "./filters";

const PAGE_SIZE = 100;
/** What AWS shows for versions under its own key. */
const AWS_MANAGED_KEY = "DefaultEncryptionKey";

export function listSecrets(state: ModelState, request: ListSecretsRequest): Outcome {
  const found = matchingSecrets(state, request.Filters ?? []).filter(
    (secret) => request.IncludePlannedDeletion === true || secret.deletion === undefined,
  );
  const page = pageOf(sorted(found, request), request);
  const SecretList = page.items.map((secret) => ({
    ...describedSecret(secret),
    ...present({ SecretVersionsToStages: stagesByVersion(secret) }),
  }));
  return answered(state, { SecretList, ...present({ NextToken: page.nextToken }) });
}

/** Lists versions that have a value; those without a label only when asked for. */
export function listSecretVersionIds(
  state: ModelState,
  request: ListSecretVersionIdsRequest,
): Outcome {
  const secret = requireSecret(state, request.SecretId);
  const versions = secret.versions.filter(
    (version) =>
      version.value !== undefined && (version.stages.length > 0 || request.IncludeDeprecated),
  );
  const page = pageOf(versions, request);
  return answered(state, {
    ARN: secret.arn,
    Name: secret.name,
    Versions: page.items.map((version) => listedVersion(secret, version)),
    ...present({ NextToken: page.nextToken }),
  });
}

/** What DescribeSecret and ListSecrets say alike about a secret. */
export function describedSecret(secret: Secret): object {
  return present({
    ARN: secret.arn,
    Name: secret.name,
    Type: secret.type,
    Description: secret.description,
    KmsKeyId: shownKey(secret),
    ...describedRotation(secret),
    LastChangedDate: dateOf(secret.changedAt),
    LastAccessedDate: dateOf(secret.accessedAt),
    // "The date and time the deletion of the secret occurred": the request's (SecretListEntry in AWS's API reference). The end of
    // the window stands in DeleteSecret's answer alone.
    DeletedDate: dateOf(secret.deletion?.askedAt),
    Tags: secret.tags?.map((tag) => ({ ...tag })),
    CreatedDate: dateOf(secret.createdAt),
  });
}

/** "If the secret is encrypted with the Amazon Web Services managed key aws/secretsmanager, this field is omitted." */
function shownKey({ kmsKeyId }: Secret): string | undefined {
  return kmsKeyId?.endsWith("alias/aws/secretsmanager") ? undefined : kmsKeyId;
}

/** All secrets that pass every filter, oldest first. */
export function matchingSecrets(state: ModelState, filters: readonly Filter[]): readonly Secret[] {
  const tests = filters.map(filterOf);
  return [...state.secrets.values()].filter((secret) => tests.every((test) => test(secret)));
}

/** Cuts a page out of a list; the token is the offset, opaque to the caller. */
export function pageOf<T>(
  all: readonly T[],
  { MaxResults: size = PAGE_SIZE, NextToken: token }: PageRequest,
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const start = token === undefined ? 0 : offsetOf(token);
  const end = start + size;
  return {
    items: all.slice(start, end),
    nextToken: end < all.length ? Buffer.from(`offset:${end}`).toString("base64") : undefined,
  };
}

function offsetOf(token: string): number {
  const match = /^offset:(\d+)$/.exec(Buffer.from(token, "base64").toString());
  if (match === null) {
    throw new AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
  }
  return Number(match[1]);
}

/** While rotation is off the dates are left out, function and rules stay. */
function describedRotation({ rotation }: Secret): Readonly<Record<string, unknown>> {
  if (rotation === undefined) return {};
  const base = {
    RotationEnabled: rotation.enabled,
    RotationLambdaARN: rotation.functionArn,
    RotationRules: describedRules(rotation),
  };
  if (!rotation.enabled) return base;
  return {
    ...base,
    LastRotatedDate: dateOf(rotation.lastRotatedAt),
    NextRotationDate: dateOf(rotation.window?.closesAt),
  };
}

/** After a successful rotation the rules show their period in days too; source: API text of RotationRulesType. */
function describedRules({ rules, lastRotatedAt }: Rotation): object | undefined {
  const schedule = rules && parseSchedule(rules);
  if (schedule === undefined || lastRotatedAt === undefined) return rules && { ...rules };
  return { AutomaticallyAfterDays: schedule.days, ...rules };
}

function listedVersion(secret: Secret, version: SecretVersion): object {
  return present({
    VersionId: version.id,
    ...shownStages(version.stages),
    LastAccessedDate: dateOf(version.accessedAt),
    CreatedDate: dateOf(version.createdAt),
    KmsKeyIds: [secret.kmsKeyId ?? AWS_MANAGED_KEY],
  });
}

function sorted(found: readonly Secret[], request: ListSecretsRequest): readonly Secret[] {
  const key = SORT_KEYS[request.SortBy ?? "created-date"];
  if (key === undefined) throw invalidParameter("The SortBy value is not known.");
  const ordered = [...found].sort((one, other) => compare(key(one), key(other)));
  return request.SortOrder === "desc" ? ordered.reverse() : ordered;
}

const SORT_KEYS: Readonly<Record<string, (secret: Secret) => string | number>> = {
  "created-date": (secret) => secret.createdAt,
  "last-accessed-date": (secret) => secret.accessedAt ?? 0,
  "last-changed-date": (secret) => secret.changedAt,
  name: (secret) => secret.name,
};

function compare(one: string | number, other: string | number): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
