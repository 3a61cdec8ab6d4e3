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
  TokenProviderError: "credentials_missing",
  UnrecognizedClientException: "credentials_missing",
};

/** What Node says of a certificate that it cannot trace to an authority that it trusts. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_SIGNATURE_FAILURE",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** How AWS's services spell "too many requests". */
const THROTTLED: ReadonlySet<string> = new Set([
  "LimitExceededException",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
]);

export function isThrottling(error: ReaderError): boolean {
  return THROTTLED.has(error.facts.awsError ?? "");
}

/** Turns a failed call into one of our codes; what is not known counts as an outage, which is tried again. */
export function judgeAwsFailure(failure: unknown): ReaderError {
  if (failure instanceof ReaderError) return failure;
  const texts = textsOf(failure);
  const awsError = nameOf(texts);
  return new ReaderError(codeOf(texts), awsError === undefined ? {} : { awsError });
}

function codeOf({ name, code, message }: Texts): ReaderErrorCode {
  // Neither has a name of its own: the SDK throws a plain Error before any request.
  if (/^Region (is missing|not accepted)/.test(message)) return "region_missing";
  if (UNTRUSTED.has(code)) return "connection_untrusted";
  return refine((Object.hasOwn(CODES, name) && CODES[name]) || OTHERWISE, message);
}

const OTHERWISE: ReaderErrorCode = "secrets_manager_unreachable";

/** Two exceptions have two meanings each, told apart only by AWS's sentence; a changed sentence costs precision, no more. */
function refine(code: ReaderErrorCode, message: string): ReaderErrorCode {
  if (code === "secret_missing" && message.includes("staging label")) return "value_missing";
  if (code === "access_denied" && message.includes("KMS")) return "key_denied";
  return code;
}

/** The name of the exception, or of the system's error behind a nameless one; never a sentence, which may quote anything. */
function nameOf({ name, code }: Texts): string | undefined {
  if (name === "Error" && /^[A-Z][A-Z0-9_]{2,39}$/.test(code)) return code;
  return /^[A-Za-z]{1,60}$/.test(name) ? name : undefined;
}

interface Texts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

function textsOf(failure: unknown): Texts {
  const { name, code, message } = (
    typeof failure === "object" && failure !== null ? failure : {}
  ) as Readonly<Record<string, unknown>>;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return { name: text(name), code: text(code), message: text(message) };
}
