import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { awsError } from "./faults";

/** A key service as far as sealing goes: what was sealed opens under the same context only. */
export async function answerKms(command: unknown): Promise<object> {
  if (command instanceof EncryptCommand) {
    const { Plaintext, EncryptionContext, KeyId } = command.input;
    const text = Buffer.from(Plaintext ?? []).toString("hex");
    const sealed = JSON.stringify({ keyId: KeyId, context: EncryptionContext, text });
    return { CiphertextBlob: Buffer.from(sealed), KeyId };
  }
  if (command instanceof DecryptCommand) return { Plaintext: opened(command.input) };
  throw awsError("UnknownOperationException");
}

function opened(input: DecryptCommand["input"]): Buffer {
  const sealed = sealedIn(input.CiphertextBlob);
  if (
    sealed === undefined ||
    JSON.stringify(sealed.context) !== JSON.stringify(input.EncryptionContext)
  ) {
    throw awsError("InvalidCiphertextException");
  }
  // A caller that names a key insists on it; the sealed text itself names the one that it needs.
  if (input.KeyId !== undefined && input.KeyId !== sealed.keyId) {
    throw awsError("IncorrectKeyException");
  }
  return Buffer.from(sealed.text, "hex");
}

interface SealedText {
  readonly keyId: string;
  readonly context: unknown;
  readonly text: string;
}

/** Undefined: it was not sealed by this service. */
function sealedIn(blob: Uint8Array | undefined): SealedText | undefined {
  try {
    return JSON.parse(Buffer.from(blob ?? []).toString()) as SealedText;
  } catch {
    return undefined;
  }
}

/** The refresh token inside a sealed text, for the judges of a test. */
export function peek(sealedText: string): string | undefined {
  if (sealedText === "") return undefined;
  const sealed = JSON.parse(Buffer.from(sealedText, "base64").toString()) as { text: string };
  return Buffer.from(sealed.text, "hex").toString();
}
