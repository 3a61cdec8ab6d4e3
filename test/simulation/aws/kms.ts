import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
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
    case "Sign":
      return signed(input as SignInput);
    case "DescribeKey":
      return described(input as Pick<SignInput, "KeyId">);
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

interface SignInput {
  readonly KeyId: string;
  readonly Message: Uint8Array;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

/** A key that signs; its state is what an operator makes of it. */
export interface SigningKeyPair {
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly privateKey: KeyObject;
  state: "Enabled" | "Disabled" | "PendingDeletion" | "gone";
  /** In epoch ms; 0 unless a test says so. */
  createdAt: number;
}

const SIGNING_KEYS = new Map<string, SigningKeyPair>();

/** The key of an ARN, made at its first use; shorter than a real one, which takes a second to make. */
export function signingKeyPair(keyArn: string): SigningKeyPair {
  const known = SIGNING_KEYS.get(keyArn);
  if (known !== undefined) return known;
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const kid = keyArn.slice(keyArn.lastIndexOf("/") + 1);
  const jwk = { ...publicKey.export({ format: "jwk" }), kid };
  const made: SigningKeyPair = { jwk, privateKey, state: "Enabled", createdAt: 0 };
  SIGNING_KEYS.set(keyArn, made);
  return made;
}

/** KMS developer guide, "Key states of AWS KMS keys". */
const NOT_ENABLED: Readonly<Record<SigningKeyPair["state"], string | undefined>> = {
  Enabled: undefined,
  Disabled: "DisabledException",
  PendingDeletion: "KMSInvalidStateException",
  gone: "NotFoundException",
};

function signed({ KeyId, Message, MessageType, SigningAlgorithm }: SignInput): AwsAnswer {
  const { state, privateKey } = signingKeyPair(KeyId);
  const fault = NOT_ENABLED[state];
  if (fault !== undefined) return refused(fault);
  if (MessageType !== "RAW" || SigningAlgorithm !== "RSASSA_PKCS1_V1_5_SHA_256") {
    return refused("InvalidKeyUsageException");
  }
  return { output: { KeyId, Signature: sign("sha256", Message, privateKey), SigningAlgorithm } };
}

function described({ KeyId }: Pick<SignInput, "KeyId">): AwsAnswer {
  const { state, createdAt } = signingKeyPair(KeyId);
  if (state === "gone") return refused("NotFoundException");
  const CreationDate = new Date(createdAt);
  return { output: { KeyMetadata: { Arn: KeyId, CreationDate, KeyState: state } } };
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
