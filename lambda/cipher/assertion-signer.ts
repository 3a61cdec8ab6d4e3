import { type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import type { KeyArn } from "../../contract/brands";
import { CodedError, type ErrorCode } from "../../contract/errors";
import { isUnreadable } from "../aws-client";
import { type Deadline, limited } from "../deadline";
import { awsErrorNameOf, isTransient } from "../secrets/aws-errors";

/** Signs with an app's key, which never leaves KMS. */
export interface AssertionSigner {
  /**
   * A signature of the text as JOSE has it for RS256 (RFC 7518, section 3.3).
   *
   * @throws {CodedError} `signing_denied`, `signing_key_unusable`, `signing_unavailable`
   */
  sign(keyArn: KeyArn, text: string): Promise<Uint8Array>;
  /** The same signer, whose calls end with another deadline. */
  under(deadline: Deadline): AssertionSigner;
}

/** The signer over KMS; a text of an assertion is far below the 4,096 bytes that KMS hashes itself. */
export function createKmsSigner(
  client: Pick<KMSClient, "send">,
  deadline: Deadline,
): AssertionSigner {
  return {
    sign: async (keyArn, text) => {
      const command = new SignCommand({
        KeyId: keyArn,
        Message: new TextEncoder().encode(text),
        MessageType: "RAW",
        SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
      });
      const { Signature } = await coded(
        limited(deadline, (abortSignal) => client.send(command, { abortSignal })),
      );
      if (Signature === undefined || Signature.length === 0) {
        throw new CodedError("signing_unavailable");
      }
      return Signature;
    },
    under: (other) => createKmsSigner(client, other),
  };
}

async function coded<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const awsError = awsErrorNameOf(error);
    throw new CodedError(codeOf(error, awsError), awsError === undefined ? {} : { awsError });
  }
}

function codeOf(error: unknown, awsError: string | undefined): ErrorCode {
  if (awsError !== undefined && DENIED.has(awsError)) return "signing_denied";
  if (awsError !== undefined && UNUSABLE.has(awsError)) return "signing_key_unusable";
  return isUnreadable(error) || isTransient(error, awsError) ? "signing_unavailable" : "unexpected";
}

const DENIED: ReadonlySet<string> = new Set([
  "AccessDeniedException",
  "ExpiredTokenException",
  "UnrecognizedClientException",
]);
/** KMS developer guide, "Key states of AWS KMS keys": what Sign answers in each of them. */
const UNUSABLE: ReadonlySet<string> = new Set([
  "DisabledException",
  "InvalidKeyUsageException",
  "KMSInvalidStateException",
  "NotFoundException",
]);
