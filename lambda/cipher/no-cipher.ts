import { CodedError } from "../../contract/errors";
import type { RefreshTokenCipher } from "./refresh-token-cipher";

/**
 * The cipher of functions whose roles may use no key of refresh tokens: it refuses as KMS would, and keeps the
 * client of KMS, a tenth of a bundle, out of theirs.
 */
export const NO_CIPHER: RefreshTokenCipher = {
  encrypt: refuse,
  decrypt: refuse,
  under: () => NO_CIPHER,
};

async function refuse(): Promise<never> {
  throw new CodedError("key_denied");
}
