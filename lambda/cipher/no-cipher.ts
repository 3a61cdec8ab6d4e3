import { CodedError } from "../../contract/errors";
import type { RefreshTokenSeal } from "./refresh-token-seal";

/**
 * The seal of functions whose roles may use no key of refresh tokens: it refuses as KMS would, and keeps the
 * client of KMS, a tenth of a bundle, out of theirs.
 */
export const NO_SEAL: RefreshTokenSeal = { close: refuse, open: refuse, under: () => NO_SEAL };

async function refuse(): Promise<never> {
  throw new CodedError("key_denied");
}
