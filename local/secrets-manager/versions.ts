import { AwsError, tokenInUse } from "./aws-error";
import {
  holderOf,
  type Secret,
  type SecretValue,
  type SecretVersion,
  type Surroundings,
  versionOf,
} from "./state";

const DAY_MS = 86_400_000;
/** How many of the newest versions stay without a label; source: AWS's API text of PutSecretValue. */
const VERSIONS_KEPT = 100;
/** New versions of one secret in 24 hours; AWS publishes no exact number. */
const VERSIONS_PER_DAY = 100;
/** AWS's API model, SecretVersionStagesType. */
const LABELS_PER_VERSION = 20;

export interface NewVersion {
  readonly id: string;
  readonly value: SecretValue;
  readonly stages: readonly string[];
}

/**
 * Adds a version or fills a registered one, and moves the labels as PutSecretValue does.
 * The same ID with the same bytes changes nothing.
 */
export function withNewVersion(secret: Secret, wanted: NewVersion, around: Surroundings): Secret {
  const existing = versionOf(secret, wanted.id);
  if (existing?.value !== undefined) {
    if (sameValue(existing.value, wanted.value)) return secret;
    throw tokenInUse(wanted.id, secret.arn);
  }
  const isFirst = secret.versions.every((version) => version.value === undefined);
  const stages =
    isFirst && around.switches.firstValueBecomesCurrent
      ? [...wanted.stages, "AWSCURRENT"]
      : wanted.stages;
  const filled = existing
    ? withFilledVersion(secret, existing, { value: wanted.value, around })
    : withAddedVersion(secret, { id: wanted.id, value: wanted.value }, around);
  const labelled = stages.reduce((before, label) => withLabel(before, label, wanted.id), filled);
  return pruned(stages.includes("AWSCURRENT") ? withoutOldPending(labelled, stages) : labelled);
}

/** Registers the version of a rotation: no value yet, AWSPENDING on it. */
export function withRegisteredVersion(secret: Secret, id: string, around: Surroundings): Secret {
  return withLabel(withAddedVersion(secret, { id }, around), "AWSPENDING", id);
}

/** Adds the throw-away version of a rotation test: a copy of the current value, AWSPENDING on it. */
export function withTestVersion(secret: Secret, id: string, around: Surroundings): Secret {
  const value = holderOf(secret, "AWSCURRENT")?.value;
  const added = value === undefined ? { id } : { id, value };
  return withLabel(withAddedVersion(secret, added, around), "AWSPENDING", id);
}

/** Removes the throw-away version of a rotation test. */
export function withoutVersion(secret: Secret, id: string): Secret {
  return { ...secret, versions: secret.versions.filter((version) => version.id !== id) };
}

/** Puts `label` on the version and takes it from its holder; AWSPREVIOUS follows AWSCURRENT. */
export function withLabel(secret: Secret, label: string, versionId: string): Secret {
  const holder = holderOf(secret, label);
  if (holder?.id === versionId) return secret;
  const moved = mapVersions(secret, (version) =>
    version.id === versionId
      ? labelled(version, [...version.stages, label])
      : unlabelled(version, label),
  );
  if (label !== "AWSCURRENT") return moved;
  if (holder !== undefined) return withLabel(moved, "AWSPREVIOUS", holder.id);
  return withoutLabel(moved, "AWSPREVIOUS", versionId);
}

/** Takes `label` off the version; a registered version without a label or value vanishes. */
export function withoutLabel(secret: Secret, label: string, versionId: string): Secret {
  return mapVersions(secret, (version) =>
    version.id === versionId ? unlabelled(version, label) : version,
  );
}

/**
 * Forgets unlabelled versions that are not among the newest 100. Those younger than 24 hours, which AWS keeps too,
 * are always among them: the quota allows no more than 100 a day.
 */
export function pruned(secret: Secret): Secret {
  const surplus = secret.versions.length - VERSIONS_KEPT;
  if (surplus <= 0) return secret;
  const versions = secret.versions.filter(
    (version, index) => index >= surplus || version.stages.length > 0,
  );
  return { ...secret, versions };
}

export function sameValue(one: SecretValue, other: SecretValue): boolean {
  if (one.binary === undefined || other.binary === undefined) return one.text === other.text;
  return Buffer.compare(one.binary, other.binary) === 0;
}

function withAddedVersion(
  secret: Secret,
  added: { readonly id: string; readonly value?: SecretValue },
  around: Surroundings,
): Secret {
  const version: SecretVersion = {
    id: added.id,
    value: added.value,
    createdAt: around.now,
    stages: [],
    missesLeft: around.switches.missedReads,
  };
  const counts = added.value !== undefined || around.switches.valuelessVersionsCount;
  const counted = counts ? counting(secret, around.now) : secret;
  return { ...counted, versions: [...secret.versions, version] };
}

function withFilledVersion(
  secret: Secret,
  existing: SecretVersion,
  { value, around }: { readonly value: SecretValue; readonly around: Surroundings },
): Secret {
  const counted = around.switches.valuelessVersionsCount ? secret : counting(secret, around.now);
  return mapVersions(counted, (version) =>
    version.id === existing.id
      ? { ...version, value, createdAt: around.now, missesLeft: around.switches.missedReads }
      : version,
  );
}

function counting(secret: Secret, now: number): Secret {
  const creations = secret.creations.filter((at) => at > now - DAY_MS);
  if (creations.length >= VERSIONS_PER_DAY) {
    throw new AwsError(
      "LimitExceededException",
      "You have created the maximum number of versions of this secret in 24 hours.",
    );
  }
  return { ...secret, creations: [...creations, now] };
}

/**
 * A new AWSCURRENT value ends a rotation under way. Recorded by LocalStack for a pending label on the current
 * version ("current_pending"); for any other version terraform-provider-aws relies on it in its tests.
 */
function withoutOldPending(secret: Secret, asked: readonly string[]): Secret {
  const holder = holderOf(secret, "AWSPENDING");
  if (holder === undefined || asked.includes("AWSPENDING")) return secret;
  return withoutLabel(secret, "AWSPENDING", holder.id);
}

function mapVersions(secret: Secret, change: (version: SecretVersion) => SecretVersion): Secret {
  const versions = secret.versions
    .map(change)
    .filter((version) => version.value !== undefined || version.stages.length > 0);
  return { ...secret, versions };
}

function labelled(version: SecretVersion, stages: readonly string[]): SecretVersion {
  if (stages.length > LABELS_PER_VERSION) {
    throw new AwsError(
      "LimitExceededException",
      `A version can have at most ${LABELS_PER_VERSION} staging labels.`,
    );
  }
  return { ...version, stages: [...stages].sort() };
}

const unlabelled = (version: SecretVersion, label: string): SecretVersion =>
  version.stages.includes(label)
    ? { ...version, stages: version.stages.filter((stage) => stage !== label) }
    : version;
