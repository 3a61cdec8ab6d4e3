import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { SignedRequest } from "./policy";

/** A request to AWS, read in full. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** From the signature's credential scope; empty for an unsigned request. */
  readonly accessKeyId: string;
  /** From the signature's credential scope, such as `lambda`. */
  readonly service: string;
  /** The `X-Amz-Target` header of the JSON protocols. */
  readonly amzTarget: string;
}

export interface AwsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer;
}

/** Why a request is refused, in AWS's words. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

const CREDENTIAL = /Credential=([^/]+)\/\d+\/[^/]*\/([^/]+)\/aws4_request/;

export async function readAwsRequest(incoming: IncomingMessage): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const scope = CREDENTIAL.exec(incoming.headers.authorization ?? "");
  return {
    method: incoming.method ?? "GET",
    target: incoming.url ?? "/",
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(chunks),
    accessKeyId: scope?.[1] ?? "",
    service: scope?.[2] ?? "",
    amzTarget: String(incoming.headers["x-amz-target"] ?? ""),
  };
}

/** What the policy evaluation needs to check the signature. */
export function signedRequestOf(request: AwsRequest): SignedRequest {
  const headers: [string, string][] = [];
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    headers.push([request.rawHeaders[at] ?? "", request.rawHeaders[at + 1] ?? ""]);
  }
  return {
    method: request.method,
    target: request.target,
    headers,
    bodyBase64: request.body.toString("base64"),
  };
}

/** The body's JSON object; an empty one when it is something else. */
export function jsonInputOf(body: Buffer): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(body.toString("utf8") || "{}");
    return typeof input === "object" && input !== null ? (input as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A refusal in the JSON 1.1 protocol, as Secrets Manager sends it. */
export function jsonRefusal(refusal: Refusal): AwsReply {
  const body = Buffer.from(JSON.stringify({ __type: refusal.code, Message: refusal.message }));
  return {
    status: 400,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() },
    body,
  };
}

/** A refusal in the REST protocol, as Lambda and EventBridge Scheduler send it. */
export function restRefusal(refusal: Refusal): AwsReply {
  return {
    status: refusal.code === "AccessDeniedException" ? 403 : 400,
    headers: {
      "content-type": "application/json",
      "x-amzn-errortype": refusal.code,
      "x-amzn-requestid": randomUUID(),
    },
    body: Buffer.from(JSON.stringify({ Message: refusal.message })),
  };
}

/** A refusal by policy as SQS sends it: in the JSON protocol, with the Query protocol's code beside it. */
export function queueRefusal(refusal: Refusal): AwsReply {
  const plain = jsonRefusal(refusal);
  const codes = { "x-amzn-errortype": refusal.code, "x-amzn-query-error": "AccessDenied;Sender" };
  return { ...plain, status: 403, headers: { ...plain.headers, ...codes } };
}
