import { CodedError } from "../../contract/errors";
import type { AssertionSigner } from "./assertion-signer";

/** The signer of functions that obtain no token by an app's own credential: it refuses as KMS would. */
export const NO_SIGNER: AssertionSigner = {
  sign: async () => {
    throw new CodedError("signing_denied");
  },
  under: () => NO_SIGNER,
};
