import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { encodeRecord, type StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { holderOf } from "../../contract/store/secret-facts";
import type { EngineDeps } from "./deps";
import { readVersionPatiently, requireSameShop, type Store } from "./store";
import type { Parent } from "./successor";

/** A record to be stored as a version of its own. */
export interface RecordVersion {
  readonly versionId: VersionId;
  readonly record: StoreRecord;
  readonly stages: readonly string[];
  readonly rotationToken?: Sealed<string> | undefined;
}

/** Stores a record; `taken` when the version exists with another value. */
export async function storeVersion(
  secretArn: SecretArn,
  version: RecordVersion,
  deps: Pick<EngineDeps, "secrets">,
): Promise<"stored" | "taken"> {
  return await deps.secrets.put(secretArn, {
    versionId: version.versionId,
    text: Sealed.of(encodeRecord(version.record)),
    stages: version.stages,
    rotationToken: version.rotationToken,
  });
}

/**
 * The version that is AWSCURRENT, as the parent of a new one.
 *
 * A value that is no record of ours has nothing to carry forward: a renewal heals it.
 *
 * @throws {CodedError} `declaration_mismatch` when the record is another shop's
 */
export async function readParent(store: Store, deps: EngineDeps): Promise<Parent> {
  const versionId = holderOf(store.facts, "AWSCURRENT");
  if (versionId === undefined) return { versionId, record: undefined };
  try {
    const found = await readVersionPatiently(store.secretArn, versionId, deps);
    if (found === undefined) throw new CodedError("version_unknown");
    requireSameShop(store, found.record);
    return found;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "record_malformed") throw error;
    deps.log.warn("rotation.parent_malformed", { code: error.code, field: error.facts.field });
    return { versionId, record: undefined };
  }
}
