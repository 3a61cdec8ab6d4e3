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
  try {
    const sealed = JSON.parse(Buffer.from(input.CiphertextBlob ?? []).toString()) as {
      context: unknown;
      text: string;
    };
    if (JSON.stringify(sealed.context) === JSON.stringify(input.EncryptionContext)) {
      return Buffer.from(sealed.text, "hex");
    }
  } catch {
    // not sealed by this service: refused below, as AWS does
  }
  throw awsError("InvalidCiphertextException");
}

/** The refresh token inside a sealed text, for the judges of a test. */
export function peek(sealedText: string): string | undefined {
  if (sealedText === "") return undefined;
  const sealed = JSON.parse(Buffer.from(sealedText, "base64").toString()) as { text: string };
  return Buffer.from(sealed.text, "hex").toString();
}
