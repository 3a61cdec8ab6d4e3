import { AwsError } from "./aws-error";
import type { SecretsManagerModel } from "./model";

const TARGET_PREFIX = "secretsmanager.";
const CONTENT_TYPE = "application/x-amz-json-1.1";

export interface HttpQuestion {
  /** The header X-Amz-Target: "secretsmanager.GetSecretValue". */
  readonly target: string | undefined;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Serves the model in AWS's JSON 1.1 protocol, without a socket: the front of the world embeds it. */
export function serveSecretsManager(
  model: SecretsManagerModel,
): (question: HttpQuestion) => Promise<HttpAnswer> {
  return async ({ target, body }) => {
    const requestId = model.newToken();
    try {
      const operation = operationOf(target);
      const answer = await model.handle(operation, parseRequest(body));
      return { status: 200, headers: headersFor(requestId), body: encodeAnswer(answer) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return errorAnswer(error, requestId);
    }
  };
}

/** The operation that a target names. */
export function operationOf(target: string | undefined): string {
  if (!target?.startsWith(TARGET_PREFIX)) {
    throw new AwsError("UnknownOperationException", "The request has no known X-Amz-Target.");
  }
  return target.slice(TARGET_PREFIX.length);
}

/** An error in the JSON 1.1 protocol; also for refusals that the front gives by itself. */
export function errorAnswer(error: AwsError, requestId: string): HttpAnswer {
  return {
    status: error.httpStatus,
    headers: { ...headersFor(requestId), "x-amzn-errortype": error.code },
    body: JSON.stringify({ __type: error.code, Message: error.message }),
  };
}

/** Parses a request body; SecretBinary comes as base64 text. */
function parseRequest(body: string): unknown {
  let parsed: unknown;
  try {
    parsed = body === "" ? {} : JSON.parse(body);
  } catch {
    // The parser's own error would quote the body, which may hold a secret.
    throw new AwsError("SerializationException", "The request is not JSON.");
  }
  if (typeof parsed !== "object" || parsed === null) return parsed;
  const { SecretBinary } = parsed as { SecretBinary?: unknown };
  if (typeof SecretBinary !== "string") return parsed;
  return { ...parsed, SecretBinary: new Uint8Array(Buffer.from(SecretBinary, "base64")) };
}

function encodeAnswer(answer: object): string {
  return JSON.stringify(encodeValue(answer));
}

/** Dates as seconds, bytes as base64. */
function encodeValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1_000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(encodeValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, encodeValue(member)]),
  );
}

const headersFor = (requestId: string): Record<string, string> => ({
  "content-type": CONTENT_TYPE,
  "x-amzn-requestid": requestId,
});
