import { CodedError } from "../../contract/errors";
import { versionTagOf } from "../../contract/store/status";
import type { Expiry, StoreView } from "../../contract/store/view";
import type { Store } from "../engine/store";

export type { StoreView as ListedStore } from "../../contract/store/view";

/**
 * The end of the current access token's life as the tags tell it; undefined when only the value can.
 *
 * The tags count while they name the version that is AWSCURRENT: a writer that was killed before
 * its tags must not leave a healthy pair unrenewed.
 */
export function knownExpiryOf({ current, status }: StoreView): Expiry | undefined {
  if (current === undefined || status.version !== versionTagOf(current)) return undefined;
  return status.expiresAt === "unknown" ? undefined : status.expiresAt;
}

/** The store as the engine takes it. */
export function storeFor(view: StoreView): Store {
  const { secretArn, key, facts, declaration } = view;
  if (declaration === undefined) throw new CodedError("declaration_malformed", { secretArn });
  return { secretArn, key, declaration, facts };
}
