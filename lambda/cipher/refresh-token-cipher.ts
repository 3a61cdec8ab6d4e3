import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { SecretArn, ShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import { type Deadline, limited } from "../deadline";
import { awsErrorNameOf, codedAwsError, unanswered } from "../secrets/aws-errors";

/** What an encrypted refresh token is bound to: it is decrypted for the same secret and shop only. */
export interface CipherContext {
  readonly secretArn: SecretArn;
  readonly shop: ShopDomain;
}

/** Encrypts refresh tokens under a key that no reader may use. */
export interface RefreshTokenCipher {
  /** The ciphertext, as it stands in the record. */
  encrypt(token: Sealed<string>, context: CipherContext): Promise<string>;
  /** Decrypts with whatever key the ciphertext names. */
  decrypt(ciphertext: string, context: CipherContext): Promise<Sealed<string>>;
  /** The same cipher, whose calls end with another deadline. */
  under(deadline: Deadline): RefreshTokenCipher;
}

/** The cipher over KMS; `keyArn` undefined: nothing can be encrypted, everything can be decrypted. */
export function createKmsCipher(
  client: Pick<KMSClient, "send">,
  keyArn: string | undefined,
  deadline: Deadline,
): RefreshTokenCipher {
  const sendEncrypt = (command: EncryptCommand) =>
    coded(limited(deadline, (abortSignal) => client.send(command, { abortSignal })));
  const sendDecrypt = (command: DecryptCommand) =>
    coded(limited(deadline, (abortSignal) => client.send(command, { abortSignal })));
  return {
    encrypt: async (token, context) => {
      if (keyArn === undefined) {
        throw new CodedError("environment_malformed", { field: "refreshKeyArn" });
      }
      const command = new EncryptCommand({
        KeyId: keyArn,
        Plaintext: new TextEncoder().encode(token.unseal()),
        EncryptionContext: encryptionContextOf(context),
      });
      const { CiphertextBlob, KeyId } = await sendEncrypt(command);
      // A token that nobody can decrypt is lost: a reply that is none must not pass for one.
      if (CiphertextBlob === undefined || CiphertextBlob.length === 0 || KeyId === undefined) {
        throw unanswered();
      }
      return Buffer.from(CiphertextBlob).toString("base64");
    },
    decrypt: async (ciphertext, context) => {
      const command = new DecryptCommand({
        CiphertextBlob: Buffer.from(ciphertext, "base64"),
        EncryptionContext: encryptionContextOf(context),
      });
      const { Plaintext } = await sendDecrypt(command);
      // An empty refresh token would be refused as dead, and be believed.
      if (Plaintext === undefined || Plaintext.length === 0) throw unanswered();
      return Sealed.of(new TextDecoder().decode(Plaintext));
    },
    under: (other) => createKmsCipher(client, keyArn, other),
  };
}

function encryptionContextOf({ secretArn, shop }: CipherContext): Record<string, string> {
  return { SecretArn: secretArn, Shop: shop };
}

async function coded<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    const awsError = awsErrorNameOf(error);
    const facts = awsError === undefined ? {} : { awsError };
    if (UNREADABLE.has(awsError ?? "")) throw new CodedError("refresh_token_unreadable", facts);
    if (DENIED.has(awsError ?? "")) throw new CodedError("key_denied", facts);
    throw codedAwsError(error);
  }
}

const UNREADABLE = new Set([
  "InvalidCiphertextException",
  "IncorrectKeyException",
  "KMSInvalidStateException",
  "NotFoundException",
]);
const DENIED = new Set(["AccessDeniedException", "DisabledException"]);
