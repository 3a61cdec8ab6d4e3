import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { SecretArn, ShopDomain } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { Sealed } from "../../contract/sealed";
import { type Deadline, limited } from "../deadline";
import { awsErrorNameOf, codedAwsError, unanswered } from "../secrets/aws-errors";

/** What a sealed refresh token is bound to: it opens for the same secret and shop only. */
export interface SealContext {
  readonly secretArn: SecretArn;
  readonly shop: ShopDomain;
}

/** Seals refresh tokens under a key that no reader may use. */
export interface RefreshTokenSeal {
  /** The sealed text, as it stands in the record. */
  close(token: Sealed<string>, context: SealContext): Promise<string>;
  /** Opens with whatever key the sealed text names. */
  open(sealedText: string, context: SealContext): Promise<Sealed<string>>;
  /** The same seal, whose calls end with another deadline. */
  under(deadline: Deadline): RefreshTokenSeal;
}

/** The seal over KMS; `keyArn` undefined: nothing can be sealed, everything can be opened. */
export function createKmsSeal(
  client: Pick<KMSClient, "send">,
  keyArn: string | undefined,
  deadline: Deadline,
): RefreshTokenSeal {
  const encrypt = (command: EncryptCommand) =>
    coded(limited(deadline, (abortSignal) => client.send(command, { abortSignal })));
  const decrypt = (command: DecryptCommand) =>
    coded(limited(deadline, (abortSignal) => client.send(command, { abortSignal })));
  return {
    close: async (token, context) => {
      if (keyArn === undefined) {
        throw new CodedError("environment_malformed", { field: "refreshKeyArn" });
      }
      const command = new EncryptCommand({
        KeyId: keyArn,
        Plaintext: new TextEncoder().encode(token.unseal()),
        EncryptionContext: encryptionContextOf(context),
      });
      const { CiphertextBlob, KeyId } = await encrypt(command);
      // A token under a seal that nobody can open is lost: a reply that is none must not pass for one.
      if (CiphertextBlob === undefined || CiphertextBlob.length === 0 || KeyId === undefined) {
        throw unanswered();
      }
      return Buffer.from(CiphertextBlob).toString("base64");
    },
    open: async (sealedText, context) => {
      const command = new DecryptCommand({
        CiphertextBlob: Buffer.from(sealedText, "base64"),
        EncryptionContext: encryptionContextOf(context),
      });
      const { Plaintext } = await decrypt(command);
      // An empty refresh token would be refused as dead, and be believed.
      if (Plaintext === undefined || Plaintext.length === 0) throw unanswered();
      return Sealed.of(new TextDecoder().decode(Plaintext));
    },
    under: (other) => createKmsSeal(client, keyArn, other),
  };
}

function encryptionContextOf({ secretArn, shop }: SealContext): Record<string, string> {
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
