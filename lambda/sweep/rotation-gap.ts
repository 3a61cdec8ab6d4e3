import type { ErrorCode } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { hasFailedSince, isUnderAQuarter } from "../../contract/store/condition";
import type { StoreView } from "../../contract/store/view";
import type { EpochMs } from "../../contract/time";

/**
 * What it says of a store's rotation that the sweep had to renew it; empty: nothing.
 *
 * The store lives on its second line then, and nobody else tells: where Secrets Manager may not call the rotate
 * function there are no errors, and AWS counts the sweep's own write as a rotation ("manually updating the secret
 * value … is considered a valid rotation", Secrets Manager user guide), so that the next date stays in the future.
 */
export function rotationGapOf(store: StoreView, now: EpochMs): ErrorCode | "" {
  const { declaration, facts, status } = store;
  if (declaration === undefined || kindFactsOf(declaration).renewer !== "secrets-manager")
    return "";
  if (!facts.rotationEnabled) return "rotation_off";
  // A rotation that came and failed has left its own code; a token that died early was not due.
  const neverCame = isUnderAQuarter(store, now) && !hasFailedSince(status);
  return neverCame ? "rotation_missed" : "";
}
