import { ReaderError, type ReaderErrorCode } from "./errors";

// The names of exceptions as the SDK and AWS's common errors spell them.
const CODES: Readonly<Record<string, ReaderErrorCode>> = {
  ResourceNotFoundException: "secret_missing",
  InvalidParameterException: "secret_missing",
  ValidationException: "secret_missing",
  // The only state of a secret in which it cannot be read is the one before its deletion.
  InvalidRequestException: "secret_pending_deletion",
  AccessDeniedException: "access_denied",
  AccessDenied: "access_denied",
  DecryptionFailure: "key_denied",
  DecryptionFailureException: "key_denied",
  CredentialsProviderError: "credentials_missing",
  ExpiredToken: "credentials_missing",
  ExpiredTokenException: "credentials_missing",
  InvalidClientTokenId: "credentials_missing",
  InvalidSignatureException: "credentials_missing",
  MissingAuthenticationTokenException: "credentials_missing",
  SignatureDoesNotMatch: "credentials_missing",
  UnrecognizedClientException: "credentials_missing",
};

/** Turns a failed call into one of our codes; what is not known counts as an outage, which is tried again. */
export function judgeAwsFailure(failure: unknown): ReaderError {
  if (failure instanceof ReaderError) return failure;
  const { name, message } = textsOf(failure);
  const code = (Object.hasOwn(CODES, name) && CODES[name]) || "secrets_manager_unreachable";
  return new ReaderError(
    refine(code, message),
    /^[A-Za-z]{1,60}$/.test(name) ? { awsError: name } : {},
  );
}

/** Two exceptions have two meanings each, told apart only by AWS's sentence; a changed sentence costs precision, no more. */
function refine(code: ReaderErrorCode, message: string): ReaderErrorCode {
  if (code === "secret_missing" && message.includes("staging label")) return "value_missing";
  if (code === "access_denied" && message.includes("KMS")) return "key_denied";
  return code;
}

function textsOf(failure: unknown): { name: string; message: string } {
  const { name, message } = (typeof failure === "object" && failure !== null ? failure : {}) as {
    name?: unknown;
    message?: unknown;
  };
  return {
    name: typeof name === "string" ? name : "",
    message: typeof message === "string" ? message : "",
  };
}
