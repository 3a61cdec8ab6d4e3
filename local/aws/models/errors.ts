import { randomUUID } from "node:crypto";
import type { AwsReply } from "../aws-request";
import { documentedRefusalOf } from "../documented/refusals";
import type { RequestOpinion } from "./opinion";
import type { Protocol } from "./wire";

/** Errors that every service may give without declaring them (API references, "Common errors"). */
const COMMON: ReadonlySet<string> = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "InternalFailure",
  "InvalidClientTokenId",
  "InvalidParameterValue",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingParameter",
  "RequestExpired",
  "SerializationException",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "SignatureDoesNotMatch",
  "Throttling",
  "ThrottlingException",
  "UnknownOperationException",
  "UnrecognizedClientException",
  "ValidationError",
  "ValidationException",
]);

export function isCommonError(code: string): boolean {
  return COMMON.has(code);
}

/**
 * What each service calls a request that its model refuses; the others say `ValidationException`.
 * Sources: API references, "Common errors" of IAM, STS, SNS and CloudWatch (`ValidationError`), errors of
 * CreateLogGroup (`InvalidParameterException`) and of CreateApi (`BadRequestException`), SQS (`InvalidParameterValue`).
 */
const CODES: Readonly<Record<string, string>> = {
  apigateway: "BadRequestException",
  iam: "ValidationError",
  logs: "InvalidParameterException",
  monitoring: "ValidationError",
  sns: "ValidationError",
  sqs: "InvalidParameterValue",
  sts: "ValidationError",
};

/** The answer to a request that the model, or AWS's documentation, refuses, in AWS's words; undefined: nothing is refused. */
export function refusalOf(opinion: RequestOpinion): AwsReply | undefined {
  const { violations, protocol } = opinion;
  const [first] = violations;
  if (protocol === undefined) return undefined;
  if (first === undefined) {
    const documented = documentedRefusalOf(opinion);
    return documented && errorReply(protocol, documented);
  }
  const count = violations.length;
  const said = violations.map(
    ({ path, constraint }) => `Value at '${path}' failed to satisfy constraint: ${constraint}`,
  );
  const message = `${count} validation error${count === 1 ? "" : "s"} detected: ${said.join("; ")}`;
  return errorReply(protocol, { code: CODES[first.service] ?? "ValidationException", message });
}

/** An error in the protocol's form. */
export function errorReply(
  protocol: Protocol,
  { code, message, status = 400 }: { code: string; message: string; status?: number },
): AwsReply {
  const requestId = randomUUID();
  if (protocol === "rest-xml") {
    const said = `<Code>${code}</Code><Message>${escaped(message)}</Message>`;
    return {
      status,
      headers: { "content-type": "application/xml", "x-amz-request-id": requestId },
      body: Buffer.from(`<Error>${said}<RequestId>${requestId}</RequestId></Error>`),
    };
  }
  if (protocol === "query") {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
    return {
      status,
      headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
      body: Buffer.from(
        `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`,
      ),
    };
  }
  return {
    status,
    headers: {
      "content-type": protocol === "json" ? "application/x-amz-json-1.1" : "application/json",
      "x-amzn-errortype": code,
      "x-amzn-requestid": requestId,
    },
    body: Buffer.from(JSON.stringify({ __type: code, message })),
  };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
