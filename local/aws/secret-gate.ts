import {
  type AwsReply,
  type AwsRequest,
  jsonInputOf,
  jsonRefusal,
  type Refusal,
  signedRequestOf,
} from "./aws-request";
import { needsOfSecretRequest } from "./dependent-permissions";
import { judgeNeeds } from "./needs-check";
import type { Policies } from "./policy";
import {
  type Place,
  questionOf,
  type SecretFacts,
  type SecretRequest,
  textOf,
} from "./secret-request";

/** Secrets Manager behind the front: what policies need to know of it, and its answers. */
export interface SecretsManagerMouth {
  /** Undefined when there is no such secret. */
  factsFor(secretId: string): SecretFacts | undefined;
  /** The version whose value a GetSecretValue with this input reads, if there is one. */
  versionRead(input: Readonly<Record<string, unknown>>): Promise<string | undefined>;
  /** Takes the `X-Amz-Target` header and the body. */
  answer(amzTarget: string, body: Buffer): Promise<AwsReply>;
}

export interface Gated {
  readonly reply: AwsReply;
  readonly principal: string | undefined;
  readonly refusal: Refusal | undefined;
  /** The secret that the request names. */
  readonly resource: string | undefined;
}

interface Gate {
  readonly policies: Policies;
  readonly place: Place;
  readonly secretsManager: SecretsManagerMouth;
}

/** Whether the request is one to Secrets Manager. */
export function isSecretRequest(request: AwsRequest): boolean {
  return request.amzTarget.startsWith("secretsmanager.");
}

/** Asks the policies first and Secrets Manager then. */
export async function answerSecretRequest(gate: Gate, request: AwsRequest): Promise<Gated> {
  const secret = await secretRequestOf(gate.secretsManager, request);
  const who = { accessKeyId: request.accessKeyId };
  const question = { ...questionOf(secret, gate.place), who, request: signedRequestOf(request) };
  const needs = needsOfSecretRequest(secret, gate.place);
  const { principal, refusal } = await judgeNeeds(gate.policies, { who, first: [question], needs });
  const resource = textOf(secret.input["SecretId"]) ?? textOf(secret.input["Name"]);
  if (refusal !== undefined) return { reply: jsonRefusal(refusal), principal, refusal, resource };
  const reply = await gate.secretsManager.answer(request.amzTarget, request.body);
  const seen =
    secret.operation === "BatchGetSecretValue" ? await onlyReadable(gate, request, reply) : reply;
  return { reply: seen, principal, refusal, resource };
}

async function secretRequestOf(
  secretsManager: SecretsManagerMouth,
  request: AwsRequest,
): Promise<SecretRequest> {
  const input = jsonInputOf(request.body);
  const secretId = textOf(input["SecretId"]);
  const operation = request.amzTarget.slice("secretsmanager.".length);
  return {
    operation,
    input,
    facts: secretId === undefined ? undefined : secretsManager.factsFor(secretId),
    versionId: operation === "GetSecretValue" ? await secretsManager.versionRead(input) : undefined,
  };
}

interface BatchAnswer {
  SecretValues?: { ARN: string; VersionId?: string }[];
  Errors?: { SecretId: string; ErrorCode: string; Message: string }[];
}

/** A batch read needs GetSecretValue for each secret; what the caller may not read becomes an error entry. */
async function onlyReadable(gate: Gate, request: AwsRequest, reply: AwsReply): Promise<AwsReply> {
  if (reply.status !== 200) return reply;
  const answer = JSON.parse(reply.body.toString("utf8")) as BatchAnswer;
  const readable: BatchAnswer["SecretValues"] = [];
  const errors = [...(answer.Errors ?? [])];
  for (const value of answer.SecretValues ?? []) {
    const refusal = await judgeRead(gate, request, value);
    if (refusal === undefined) readable.push(value);
    else errors.push({ SecretId: value.ARN, ErrorCode: refusal.code, Message: refusal.message });
  }
  const body = Buffer.from(JSON.stringify({ ...answer, SecretValues: readable, Errors: errors }));
  return { ...reply, body };
}

async function judgeRead(
  gate: Gate,
  request: AwsRequest,
  value: { ARN: string; VersionId?: string },
): Promise<Refusal | undefined> {
  const who = { accessKeyId: request.accessKeyId };
  const read: SecretRequest = {
    operation: "GetSecretValue",
    input: { SecretId: value.ARN },
    facts: gate.secretsManager.factsFor(value.ARN),
    versionId: value.VersionId,
  };
  const first = [{ ...questionOf(read, gate.place), who }];
  const needs = needsOfSecretRequest(read, gate.place);
  return (await judgeNeeds(gate.policies, { who, first, needs })).refusal;
}
