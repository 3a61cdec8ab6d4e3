import { isStoreKey } from "../../contract/brands";
import { adviceOf, isErrorCode } from "../../contract/errors";
import type { ListFailure } from "../../contract/listed/list-steps";
import { isWaveVerb } from "../../contract/listed/wave-run";
import { LISTED } from "../../contract/names";
import type { Complaint } from "../print/complaints";

/** Why a store failed in a run, with its owner and the next command: of a store of the list, or of whichever goes in waves. */
export function failureComplaint({ store, code, deed }: ListFailure): Complaint {
  const known = isErrorCode(code) ? code : "unexpected";
  const { owner, says, next } = adviceOf(known, {
    ...(isStoreKey(store) && { store }),
    ...(isWaveVerb(deed) ? {} : { origin: LISTED }),
  });
  return { store, code: known, owner, says, next };
}
