import type { AwsAnswer, AwsService } from "./aws-client";
import { answerOfLie, isStale } from "./lies";

interface SealedText {
  readonly keyId: unknown;
  readonly context: unknown;
  readonly text: string;
}

/** A key service as far as sealing goes: what was sealed opens under the same context only. */
export const serveKms: AwsService = async ({ operation, input }, { lie }) => {
  if (lie !== undefined && !isStale(lie)) return answerOfLie(lie);
  switch (operation) {
    case "Encrypt":
      return { output: sealed(input as EncryptInput) };
    case "Decrypt":
      return opened(input as DecryptInput);
    default:
      return refused("UnknownOperationException");
  }
};

interface EncryptInput {
  readonly KeyId: string;
  readonly Plaintext: Uint8Array;
  readonly EncryptionContext?: object;
}

interface DecryptInput {
  readonly KeyId?: string;
  readonly CiphertextBlob: Uint8Array;
  readonly EncryptionContext?: object;
}

function sealed({ KeyId, Plaintext, EncryptionContext }: EncryptInput): object {
  const text = Buffer.from(Plaintext).toString("hex");
  const whole: SealedText = { keyId: KeyId, context: EncryptionContext, text };
  return { CiphertextBlob: Buffer.from(JSON.stringify(whole)), KeyId };
}

function opened({ KeyId, CiphertextBlob, EncryptionContext }: DecryptInput): AwsAnswer {
  const whole = readSealed(Buffer.from(CiphertextBlob).toString());
  if (whole === undefined || JSON.stringify(whole.context) !== JSON.stringify(EncryptionContext)) {
    return refused("InvalidCiphertextException");
  }
  // A caller that names a key insists on it; the sealed text itself names the one that it needs.
  if (KeyId !== undefined && KeyId !== whole.keyId) return refused("IncorrectKeyException");
  return { output: { Plaintext: Buffer.from(whole.text, "hex"), KeyId: whole.keyId } };
}

function refused(code: string): AwsAnswer {
  return { refusal: { code, message: code, httpStatus: 400 } };
}

function readSealed(text: string): SealedText | undefined {
  try {
    return JSON.parse(text) as SealedText;
  } catch {
    return undefined; // it was not sealed by this service
  }
}

/** The refresh token inside a sealed text, for judges: undefined for none. */
export function peek(sealedText: string): string | undefined {
  const whole = readSealed(Buffer.from(sealedText, "base64").toString());
  return whole === undefined ? undefined : Buffer.from(whole.text, "hex").toString();
}
