import type { VersionId } from "../../contract/brands";
import type { StoreRecord } from "../../contract/record";

/** A record and the version that holds it. */
export interface Successor {
  readonly versionId: VersionId;
  readonly record: StoreRecord;
}

/** The version that a new one succeeds; its record is undefined when it is no record of ours. */
export interface Parent {
  readonly versionId: VersionId | undefined;
  readonly record: StoreRecord | undefined;
}
