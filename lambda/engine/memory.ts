import type { SecretArn, VersionId } from "../../contract/brands";
import type { StoreRecord } from "../../contract/record";
import type { EpochMs } from "../../contract/time";
import { SECOND_MS } from "../../contract/time";

/** A version that this process wrote or read: true for as long as it is kept, because versions never change. */
export interface KnownVersion {
  readonly record: StoreRecord;
  /** When this process last got an answer about the token; undefined: it never asked. */
  readonly checkedAt: EpochMs | undefined;
}

/** How long a check counts for the step that follows it. */
const CHECK_COUNTS_MS = 60 * SECOND_MS;
/** How many versions are kept; steps of one rotation follow each other within seconds. */
const MOST_KNOWN = 32;

/** What a warm function remembers from one step of a rotation to the next, so that it need not read it again. */
export interface RotationMemory {
  recall(secretArn: SecretArn, versionId: VersionId): KnownVersion | undefined;
  keep(secretArn: SecretArn, versionId: VersionId, known: KnownVersion): void;
  forget(secretArn: SecretArn, versionId: VersionId): void;
}

export function createRotationMemory(): RotationMemory {
  const known = new Map<string, KnownVersion>();
  const keyOf = (secretArn: SecretArn, versionId: VersionId) => `${secretArn}/${versionId}`;
  return {
    recall: (secretArn, versionId) => known.get(keyOf(secretArn, versionId)),
    keep: (secretArn, versionId, version) => {
      known.set(keyOf(secretArn, versionId), version);
      const [oldest] = known.keys();
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    },
    forget: (secretArn, versionId) => void known.delete(keyOf(secretArn, versionId)),
  };
}

/** Whether a token was tried so lately, by this very process, that trying it again tells nothing new. */
export function wasJustChecked(known: KnownVersion, now: EpochMs): boolean {
  if (known.checkedAt === undefined) return false;
  const ageMs = now - known.checkedAt;
  return ageMs >= 0 && ageMs <= CHECK_COUNTS_MS;
}
