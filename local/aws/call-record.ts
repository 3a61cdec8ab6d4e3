import type { AwsReply, AwsRequest } from "./aws-request";

/** One request that passed the front; no values. */
export interface CallRecord {
  /** On the world's clock. */
  readonly atMs: number;
  /** Such as `secretsmanager`. */
  readonly service: string;
  /** Such as `GetSecretValue`; for REST services the method and path. */
  readonly operation: string;
  readonly accessKeyId: string;
  /** The caller's ARN, where a policy was asked by the front itself. */
  readonly principal: string | undefined;
  /** The secret that a request to Secrets Manager names. */
  readonly resource: string | undefined;
  readonly status: number;
  /** False when policies refused it. */
  readonly allowed: boolean;
}

/** The operation's name in any of AWS's protocols. */
export function operationOf(request: AwsRequest): string {
  if (request.amzTarget !== "") return request.amzTarget.split(".").at(-1) ?? "";
  const action = /(?:^|&)Action=([A-Za-z0-9]+)/.exec(
    request.body.toString("latin1").slice(0, 4096),
  );
  if (action?.[1] !== undefined) return action[1];
  return `${request.method} ${request.target.split("?")[0]}`;
}

/** Whether a reply of the emulator is a refusal by policy, of the caller or of a function's role, in any of AWS's protocols. */
export function isPolicyRefusal(reply: AwsReply): boolean {
  if (reply.status !== 400 && reply.status !== 403) return false;
  const said = `${reply.headers["x-amzn-errortype"] ?? ""} ${reply.body.toString("latin1").slice(0, 2048)}`;
  return /AccessDenied|AuthorizationError|UnauthorizedOperation|execution role does not have permissions/.test(
    said,
  );
}
