import { isStoreKey } from "../../contract/brands";
import { adviceOf, isErrorCode } from "../../contract/errors";
import type { ListFailure } from "../../contract/listed/list-steps";
import type { Complaint } from "../print/stores";

/** Why a store failed in a run, with its owner and the next command. */
export function failureComplaint({ store, code }: ListFailure): Complaint {
  const known = isErrorCode(code) ? code : "unexpected";
  const { owner, says, next } = adviceOf(known, isStoreKey(store) ? { store } : {});
  return { store, code: known, owner, says, next };
}
