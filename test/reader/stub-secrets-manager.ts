import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  type GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsClient } from "../../reader";

interface Version {
  readonly versionId: string;
  readonly text: string | undefined;
}

/** An exception as the SDK throws it. */
export function awsError(name: string, message = ""): Error {
  return Object.assign(new Error(message), { name });
}

const NOT_FOUND = awsError(
  "ResourceNotFoundException",
  "Secrets Manager can't find the specified secret.",
);
const NO_VALUE = awsError(
  "ResourceNotFoundException",
  "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
);

/** Just enough of Secrets Manager for the two reading calls, with every failure at hand. */
export class StubSecretsManager implements SecretsClient {
  /** The secret IDs of every call, in order. */
  readonly calls: string[][] = [];
  /** What the next calls do before they read; a promise delays, an error fails. */
  before: (secretIds: readonly string[]) => Promise<void> | void = () => undefined;
  /** Errors of single secrets, also inside a batch. */
  readonly refusals = new Map<string, Error>();
  /** Whether the policy lacks BatchGetSecretValue. */
  isBatchDenied = false;
  /** Names that batches leave unanswered, as AWS may with a long answer. */
  readonly leftOut = new Set<string>();
  readonly #current = new Map<string, Version>();
  #versions = 0;

  /** Makes `text` the AWSCURRENT value; without a text the secret exists and has no value. */
  put(name: string, text?: string): string {
    this.#versions += 1;
    const versionId = `version-${String(this.#versions).padStart(30, "0")}`;
    this.#current.set(name, { versionId, text });
    return versionId;
  }

  arnOf(name: string): string {
    return `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
  }

  send(command: GetSecretValueCommand): Promise<GetSecretValueCommandOutput>;
  send(command: BatchGetSecretValueCommand): Promise<BatchGetSecretValueCommandOutput>;
  async send(
    command: GetSecretValueCommand | BatchGetSecretValueCommand,
  ): Promise<GetSecretValueCommandOutput | BatchGetSecretValueCommandOutput> {
    const isBatch = command instanceof BatchGetSecretValueCommand;
    const ids = isBatch ? (command.input.SecretIdList ?? []) : [idOf(command)];
    this.calls.push(ids);
    await this.before(ids);
    if (!isBatch) return { ...this.#read(idOf(command)), $metadata: {} };
    if (this.isBatchDenied) throw awsError("AccessDeniedException", "not authorized");
    return { ...this.#readAll(ids), $metadata: {} };
  }

  #readAll(ids: readonly string[]): Omit<BatchGetSecretValueCommandOutput, "$metadata"> {
    const SecretValues: NonNullable<BatchGetSecretValueCommandOutput["SecretValues"]> = [];
    const Errors: NonNullable<BatchGetSecretValueCommandOutput["Errors"]> = [];
    for (const id of ids) {
      if (this.leftOut.has(id)) continue;
      try {
        SecretValues.push(this.#read(id));
      } catch (error) {
        const { name, message } = error as Error;
        Errors.push({ SecretId: id, ErrorCode: name, Message: message });
      }
    }
    return { SecretValues, Errors };
  }

  #read(id: string) {
    const name = id.startsWith("arn:") ? id.split(":").slice(6).join(":").slice(0, -7) : id;
    const refusal = this.refusals.get(name);
    if (refusal !== undefined) throw refusal;
    const version = this.#current.get(name);
    if (version === undefined) throw NOT_FOUND;
    if (version.text === undefined) throw NO_VALUE;
    return {
      ARN: this.arnOf(name),
      Name: name,
      VersionId: version.versionId,
      SecretString: version.text,
    };
  }
}

function idOf(command: GetSecretValueCommand): string {
  return command.input.SecretId ?? "";
}
