import type { SecretArn, VersionId } from "../../contract/brands";
import type { Sealed } from "../../contract/sealed";
import type { SecretFacts, Stage } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import type { Deadline } from "../deadline";

/** One version's value. */
export interface SecretValue {
  readonly versionId: VersionId;
  readonly text: Sealed<string>;
  /** When the version was made; undefined: AWS did not say. */
  readonly createdAt?: EpochMs | undefined;
}

/** A value to be put as a version of its own. */
export interface NewVersion {
  /** The ID to give it: the same ID with other bytes is refused by Secrets Manager. */
  readonly versionId: VersionId;
  readonly text: Sealed<string>;
  /** The labels it gets at once. */
  readonly stages: readonly string[];
  /** Secrets Manager's own marker for assumed-role rotation, handed back and never logged. */
  readonly rotationToken: Sealed<string> | undefined;
}

/** The move of AWSCURRENT as a compare-and-swap. */
export interface Promotion {
  readonly to: VersionId;
  /** The version that must hold AWSCURRENT now; undefined: none may. */
  readonly from: VersionId | undefined;
}

/** The narrow port over Secrets Manager; every failure is a coded one. */
export interface SecretsPort {
  describe(secretArn: SecretArn): Promise<SecretFacts>;
  /** One version's value; undefined when there is none (yet). */
  readVersion(secretArn: SecretArn, versionId: VersionId): Promise<SecretValue | undefined>;
  /** The value that carries a label; undefined when no version does. Also takes a name. */
  readStage(secretId: string, stage: Stage): Promise<SecretValue | undefined>;
  /** Puts a version; `taken` when the ID exists with other bytes. The same bytes again are `stored`. */
  put(secretArn: SecretArn, version: NewVersion): Promise<"stored" | "taken">;
  /** Moves AWSCURRENT; `refused` when it is not where the caller believes. */
  promote(secretArn: SecretArn, promotion: Promotion): Promise<"promoted" | "refused">;
  /** Takes a label off a version; harmless when the version does not carry it. */
  dropStage(secretArn: SecretArn, versionId: VersionId, stage: string): Promise<void>;
  tag(secretArn: SecretArn, tags: Readonly<Record<string, string>>): Promise<void>;
  /** The same port, whose calls end with another deadline. */
  under(deadline: Deadline): SecretsPort;
}
