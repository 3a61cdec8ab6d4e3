import type { VersionId } from "../../contract/brands";
import type { StoreRecord } from "../../contract/record";

/** The version that a new one succeeds; its record is undefined when it is no record of ours. */
export interface Parent {
  readonly versionId: VersionId | undefined;
  readonly record: StoreRecord | undefined;
}
