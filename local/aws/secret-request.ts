import type { ConditionContext, PolicyQuestion } from "./policy";

/** What policies need to know about a secret. */
export interface SecretFacts {
  readonly arn: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rotationLambdaArn?: string | undefined;
  readonly resourcePolicy?: string | undefined;
  /** As it was given: a key's ID, ARN or alias; absent for the key that AWS manages. */
  readonly kmsKeyId?: string | undefined;
}

/** One request to Secrets Manager, with the facts of the secret that it names. */
export interface SecretRequest {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly facts: SecretFacts | undefined;
  /** The version whose value is read, if it exists. */
  readonly versionId?: string | undefined;
}

export interface Place {
  readonly region: string;
  readonly accountId: string;
}

/** Operations that are about no single secret. */
const WHOLE_ACCOUNT = new Set(["ListSecrets", "BatchGetSecretValue", "GetRandomPassword"]);

/** Stands for the six characters that a secret gets when it is created. */
const UNKNOWN_SUFFIX = "-xxxxxx";

/** The ARN that policies are evaluated against; it need not exist yet. */
export function secretArnOf(request: SecretRequest, place: Place): string {
  if (WHOLE_ACCOUNT.has(request.operation)) return "*";
  if (request.facts !== undefined) return request.facts.arn;
  const named = secretIdOf(request);
  if (named.startsWith("arn:")) return named;
  return `arn:aws:secretsmanager:${place.region}:${place.accountId}:secret:${named}${UNKNOWN_SUFFIX}`;
}

/** The first question about a request: may the caller do this operation on this secret. */
export function questionOf(
  request: SecretRequest,
  place: Place,
): Omit<PolicyQuestion, "who" | "request"> {
  const resource = secretArnOf(request, place);
  return {
    action: `secretsmanager:${request.operation}`,
    resource,
    // AWS's refusals name the secret as the request did.
    shownAs: resource === "*" ? resource : secretIdOf(request),
    context: contextOf(request),
    resourcePolicy: request.facts?.resourcePolicy ?? null,
  };
}

function secretIdOf({ input }: SecretRequest): string {
  return textOf(input["SecretId"]) ?? textOf(input["Name"]) ?? "";
}

/**
 * The condition keys of a request.
 * Source: Service Authorization Reference, "Condition keys for AWS Secrets Manager".
 */
export function contextOf(request: SecretRequest): ConditionContext {
  return { ...requestKeys(request), ...tagKeys(request.input), ...resourceKeys(request.facts) };
}

/** Condition key to the request's field of the same meaning. */
const REQUEST_KEYS: Readonly<Record<string, string>> = {
  "secretsmanager:SecretId": "SecretId",
  "secretsmanager:Name": "Name",
  "secretsmanager:Description": "Description",
  "secretsmanager:KmsKeyId": "KmsKeyId",
  "secretsmanager:VersionId": "VersionId",
  "secretsmanager:VersionStage": "VersionStage",
  "secretsmanager:RotationLambdaARN": "RotationLambdaARN",
  "secretsmanager:RotateImmediately": "RotateImmediately",
  "secretsmanager:RecoveryWindowInDays": "RecoveryWindowInDays",
  "secretsmanager:ForceDeleteWithoutRecovery": "ForceDeleteWithoutRecovery",
  "secretsmanager:BlockPublicPolicy": "BlockPublicPolicy",
};

function requestKeys({ operation, input }: SecretRequest): Record<string, string> {
  const keys: Record<string, string> = {};
  for (const [key, field] of Object.entries(REQUEST_KEYS)) {
    const value = input[field];
    if (["string", "number", "boolean"].includes(typeof value)) keys[key] = String(value);
  }
  if (operation === "RotateSecret") {
    keys["secretsmanager:ModifyRotationRules"] = String(input["RotationRules"] !== undefined);
  }
  return keys;
}

function tagKeys(input: SecretRequest["input"]): Record<string, string | string[]> {
  const keys: Record<string, string | string[]> = {};
  const names = listOf(input["TagKeys"]).map(String);
  for (const tag of listOf(input["Tags"])) {
    const { Key, Value } = tag as { Key?: unknown; Value?: unknown };
    if (typeof Key !== "string") continue;
    names.push(Key);
    keys[`aws:RequestTag/${Key}`] = String(Value ?? "");
  }
  return names.length === 0 ? keys : { ...keys, "aws:TagKeys": names };
}

function resourceKeys(facts: SecretFacts | undefined): Record<string, string> {
  if (facts === undefined) return {};
  const keys: Record<string, string> = {};
  for (const [name, value] of Object.entries(facts.tags)) {
    keys[`aws:ResourceTag/${name}`] = value;
    keys[`secretsmanager:ResourceTag/${name}`] = value;
  }
  if (facts.rotationLambdaArn !== undefined) {
    keys["secretsmanager:resource/AllowRotationLambdaArn"] = facts.rotationLambdaArn;
  }
  return keys;
}

/** The value when it is a string that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
