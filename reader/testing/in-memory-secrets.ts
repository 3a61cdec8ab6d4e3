import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  type GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import type { ReaderErrorCode } from "../errors";
import type { SecretsClient } from "../secrets-client";

/** The failures that AWS can answer with. */
export type TestFailure = Extract<
  ReaderErrorCode,
  | "access_denied"
  | "credentials_missing"
  | "key_denied"
  | "secret_missing"
  | "secret_pending_deletion"
  | "secrets_manager_unreachable"
  | "value_missing"
>;

interface Version {
  readonly versionId: string;
  readonly text: string;
}

interface AwsException {
  readonly name: string;
  readonly message: string;
}

/** How AWS says each failure. */
const EXCEPTIONS: Readonly<Record<TestFailure, AwsException>> = {
  access_denied: { name: "AccessDeniedException", message: "not authorized" },
  credentials_missing: { name: "CredentialsProviderError", message: "no credentials" },
  key_denied: { name: "AccessDeniedException", message: "Access to KMS is not allowed" },
  secret_missing: { name: "ResourceNotFoundException", message: "can't find the secret" },
  secret_pending_deletion: { name: "InvalidRequestException", message: "marked for deletion" },
  secrets_manager_unreachable: { name: "ThrottlingException", message: "Rate exceeded" },
  value_missing: { name: "ResourceNotFoundException", message: "no value for staging label" },
};

/** The two reading calls of Secrets Manager over a map. */
export class InMemorySecrets implements SecretsClient {
  requests = 0;
  readonly #current = new Map<string, Version>();
  readonly #failures = new Map<string, TestFailure>();

  put(name: string, text: string): void {
    const count = Number(this.#current.get(name)?.versionId ?? 0) + 1;
    this.#current.set(name, { versionId: String(count).padStart(32, "0"), text });
  }

  fail(name: string, failure: TestFailure | undefined): void {
    if (failure === undefined) this.#failures.delete(name);
    else this.#failures.set(name, failure);
  }

  send(command: GetSecretValueCommand): Promise<GetSecretValueCommandOutput>;
  send(command: BatchGetSecretValueCommand): Promise<BatchGetSecretValueCommandOutput>;
  async send(
    command: GetSecretValueCommand | BatchGetSecretValueCommand,
  ): Promise<GetSecretValueCommandOutput | BatchGetSecretValueCommandOutput> {
    this.requests += 1;
    if (!(command instanceof BatchGetSecretValueCommand)) {
      return { ...this.#read(command.input.SecretId ?? ""), $metadata: {} };
    }
    const SecretValues: NonNullable<BatchGetSecretValueCommandOutput["SecretValues"]> = [];
    const Errors: NonNullable<BatchGetSecretValueCommandOutput["Errors"]> = [];
    for (const id of command.input.SecretIdList ?? []) {
      try {
        SecretValues.push(this.#read(id));
      } catch (error) {
        const { name, message } = error as Error;
        Errors.push({ SecretId: id, ErrorCode: name, Message: message });
      }
    }
    return { SecretValues, Errors, $metadata: {} };
  }

  #read(name: string) {
    const version = this.#current.get(name);
    const failure =
      this.#failures.get(name) ?? (version === undefined ? "secret_missing" : undefined);
    if (version === undefined || failure !== undefined) {
      const exception = EXCEPTIONS[failure ?? "secret_missing"];
      throw Object.assign(new Error(exception.message), { name: exception.name });
    }
    const { versionId, text } = version;
    const ARN = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-AbCdEf`;
    return { ARN, Name: name, VersionId: versionId, SecretString: text };
  }
}
