import type { ModelSwitches } from "./switches";

export type SecretValue =
  | { readonly text: string; readonly binary?: never }
  | { readonly text?: never; readonly binary: Uint8Array };

/** One version; its ID and value never change. Without a value it is only registered, by RotateSecret. */
export interface SecretVersion {
  readonly id: string;
  readonly value?: SecretValue | undefined;
  readonly createdAt: number;
  readonly accessedAt?: number | undefined;
  /** Staging labels, sorted. */
  readonly stages: readonly string[];
  /** Reads that still miss this version (eventual consistency). */
  readonly missesLeft: number;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  readonly Duration?: string;
  readonly ScheduleExpression?: string;
}

/** A rotation window, and the moment in it at which this model starts the rotation; epoch ms. */
export interface RotationWindow {
  readonly opensAt: number;
  readonly closesAt: number;
  readonly fireAt: number;
}

/** A rotation under way, or waiting for its next try. */
export interface RotationAttempt {
  readonly token: string;
  readonly kind: "rotate" | "test-only";
  readonly failures: number;
  /** Epoch ms of the next try; absent while the steps run. */
  readonly retryAt?: number | undefined;
}

export interface Rotation {
  readonly functionArn: string;
  readonly rules?: RotationRules | undefined;
  readonly enabled: boolean;
  readonly lastRotatedAt?: number | undefined;
  readonly window?: RotationWindow | undefined;
  readonly attempt?: RotationAttempt | undefined;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly type?: string | undefined;
  /** Absent until the first tag was set; empty after the last was removed. */
  readonly tags?: readonly Tag[] | undefined;
  readonly policy?: string | undefined;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly accessedAt?: number | undefined;
  /** Present while the secret waits for its deletion, which was asked for and is due at these epoch ms. */
  readonly deletion?: { readonly askedAt: number; readonly dueAt: number } | undefined;
  /** In the order of creation. */
  readonly versions: readonly SecretVersion[];
  /** When versions were created in the last 24 hours, for the quota. */
  readonly creations: readonly number[];
  readonly rotation?: Rotation | undefined;
}

/** Everything that Secrets Manager knows, by ARN; never changed in place. */
export interface ModelState {
  readonly secrets: ReadonlyMap<string, Secret>;
  /** When a secret of that name was gone for good, by name; absent: none was. */
  readonly goneAt?: ReadonlyMap<string, number>;
}

export const EMPTY_STATE: ModelState = { secrets: new Map() };

/** Where random suffixes, version IDs and passwords come from. */
export interface Randomness {
  /** Six letters and digits. */
  arnSuffix(): string;
  /** A UUID. */
  versionId(): string;
  /** A whole number from 0 to `below` - 1. */
  index(below: number): number;
}

/** What an operation may look at besides state and input. */
export interface Surroundings {
  readonly now: number;
  readonly region: string;
  readonly accountId: string;
  readonly switches: ModelSwitches;
  readonly randomness: Randomness;
  /** Whether the service may invoke the rotation function that a RotateSecret request is about. */
  readonly mayInvoke: boolean;
}

/** What follows from a request outside the state. */
export type Effect =
  | { readonly kind: "label-updated"; readonly update: LabelUpdate }
  | { readonly kind: "rotation-started"; readonly secretArn: string; readonly token: string };

/** The facts of a `Secret Label Updated` event. */
export interface LabelUpdate {
  readonly secretArn: string;
  readonly name: string;
  readonly labelUpdated: "AWSCURRENT";
  readonly versionId: string;
}

/** What an operation hands back. */
export interface Outcome {
  readonly state: ModelState;
  readonly answer: object;
  readonly effects: readonly Effect[];
}

export function withSecret(state: ModelState, secret: Secret): ModelState {
  return { ...state, secrets: new Map(state.secrets).set(secret.arn, secret) };
}

/** Forgets a secret for good; its name is not free at once. */
export function withoutSecret(state: ModelState, { arn, name }: Secret, now: number): ModelState {
  const secrets = new Map(state.secrets);
  secrets.delete(arn);
  return { secrets, goneAt: new Map(state.goneAt).set(name, now) };
}

/** An outcome that only reads. */
export const answered = (state: ModelState, answer: object): Outcome => ({
  state,
  answer,
  effects: [],
});

/** An outcome that replaces one secret; reports the move of AWSCURRENT when there was one. */
export function changed(state: ModelState, secret: Secret, answer: object): Outcome {
  const before = state.secrets.get(secret.arn);
  const versionId = holderOf(secret, "AWSCURRENT")?.id;
  const moved =
    versionId !== undefined &&
    (before === undefined || holderOf(before, "AWSCURRENT")?.id !== versionId);
  return {
    state: withSecret(state, secret),
    answer,
    effects: moved
      ? [
          {
            kind: "label-updated",
            update: {
              secretArn: secret.arn,
              name: secret.name,
              labelUpdated: "AWSCURRENT",
              versionId,
            },
          },
        ]
      : [],
  };
}

export const holderOf = (secret: Secret, label: string): SecretVersion | undefined =>
  secret.versions.find((version) => version.stages.includes(label));

export const versionOf = (secret: Secret, id: string): SecretVersion | undefined =>
  secret.versions.find((version) => version.id === id);

/** The labelled versions, as DescribeSecret shows them; absent when there are none. */
export function stagesByVersion(secret: Secret): Record<string, string[]> | undefined {
  const labelled = secret.versions.filter((version) => version.stages.length > 0);
  if (labelled.length === 0) return undefined;
  return Object.fromEntries(labelled.map((version) => [version.id, [...version.stages]]));
}
