import { CodedError, type ErrorCode } from "../../contract/errors";
import { isUnreadable } from "../aws-client";

/** The name of an AWS exception, such as `ThrottlingException`; undefined for what has none. */
export function awsErrorNameOf(error: unknown): string | undefined {
  const name = error instanceof Error ? error.name : undefined;
  return name !== undefined && /^[A-Za-z]{1,80}$/.test(name) ? name : undefined;
}

/** Turns what an AWS client threw into a coded failure; its message is dropped, it may quote anything. */
export function codedAwsError(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const awsError = awsErrorNameOf(error);
  return new CodedError(codeOf(error, awsError), awsError === undefined ? {} : { awsError });
}

/** The failure of a call whose answer lacks what every answer has: it may have been done, and is asked again. */
export function unanswered(): CodedError {
  return new CodedError("secrets_manager_unreachable");
}

function codeOf(error: unknown, name: string | undefined): ErrorCode {
  const message = error instanceof Error ? error.message : "";
  if (name !== undefined) {
    const known = CODES[name];
    if (known === "access_denied" && isAboutKey(message)) return "key_denied";
    if (known !== undefined) return known;
  }
  if (name === "InvalidRequestException") return codeOfInvalidRequest(message);
  return isUnreadable(error) || isTransient(error, name)
    ? "secrets_manager_unreachable"
    : "unexpected";
}

/** Secrets Manager passes KMS's refusal on as its own: "Access to KMS is not allowed". */
function isAboutKey(message: string): boolean {
  return /Access to KMS|perform: kms:/.test(message);
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  ResourceNotFoundException: "secret_not_found",
  AccessDeniedException: "access_denied",
  AccessDenied: "access_denied",
  UnrecognizedClientException: "access_denied",
  ExpiredTokenException: "access_denied",
  DecryptionFailure: "key_denied",
  EncryptionFailure: "key_denied",
  LimitExceededException: "version_budget_spent",
};

function codeOfInvalidRequest(message: string): ErrorCode {
  return /marked for deletion|scheduled for deletion|marked deleted/i.test(message)
    ? "secret_pending_deletion"
    : "unexpected";
}

const TRANSIENT =
  /Throttl|TooManyRequests|Timeout|Abort|InternalServiceError|InternalFailure|ServiceUnavailable|RequestLimit|Network|Connection|Socket/i;
const SOCKET_ERRORS = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET)/;

/** Whether the same call may be answered the next time. */
export function isTransient(error: unknown, name: string | undefined): boolean {
  if (name !== undefined && TRANSIENT.test(name)) return true;
  const { code, $metadata } = (error ?? {}) as {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 500 || (typeof code === "string" && SOCKET_ERRORS.test(code));
}
