import { createHash } from "node:crypto";
import { isVersionId, type VersionId } from "../../contract/brands";

/** What a version is made for: its purpose, the version before it and the attempt. */
export interface VersionSeed {
  readonly purpose: "renew" | "enrol" | "install" | "migrate";
  /** The version that it succeeds; for a first value the secret's ARN. */
  readonly from: string;
  readonly attempt: number;
}

/**
 * The ID of the version that succeeds another one.
 *
 * It is the same for everybody who tries the same, so Secrets Manager itself refuses a second,
 * different successor, and overlapping renewals converge without a lock.
 */
export function versionIdOf(seed: VersionSeed): VersionId {
  const text = `shopify-secrets/${seed.purpose}/${seed.attempt}/${seed.from}`;
  const id = createHash("sha256").update(text).digest("hex").slice(0, 48);
  if (!isVersionId(id)) throw new RangeError("a version ID has 32 to 64 characters");
  return id;
}

/** The most attempts that a lineage of successors is followed through. */
export const MOST_ATTEMPTS = 100;

/** Which attempt to succeed `from` a version is; undefined: none. */
export function attemptOf(
  versionId: VersionId | undefined,
  seed: Omit<VersionSeed, "attempt">,
): number | undefined {
  if (versionId === undefined) return undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (versionIdOf({ ...seed, attempt }) === versionId) return attempt;
  }
  return undefined;
}
