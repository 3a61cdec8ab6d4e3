import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import { judgeAwsFailure } from "./aws-failure";
import { ReaderError } from "./errors";
import { createSharedScopes, type ShareScopes } from "./shared-scopes";
import { type StoreToken, storeTokenOf } from "./store-token";
import type { Timers } from "./timers";

/** The two calls that the reader makes; a SecretsManagerClient of the AWS SDK offers them. */
export interface SecretsClient {
  send(
    command: GetSecretValueCommand,
    options?: { abortSignal?: AbortSignal },
  ): Promise<GetSecretValueCommandOutput>;
  send(
    command: BatchGetSecretValueCommand,
    options?: { abortSignal?: AbortSignal },
  ): Promise<BatchGetSecretValueCommandOutput>;
}

/** What became of one read: the AWSCURRENT token, or why there is none. */
export type Answer =
  | { readonly ok: true; readonly token: StoreToken }
  | { readonly ok: false; readonly error: ReaderError };

/** What became of a batch: `answers` lacks the secrets that have to be read one by one. */
export interface BatchAnswer {
  readonly answers: ReadonlyMap<string, Answer>;
  /** The policy does not allow batches at all. */
  readonly denied: boolean;
}

/** Reads AWSCURRENT; never throws. */
export interface SecretsSource {
  readOne(secretId: string): Promise<Answer>;
  readBatch(secretIds: readonly string[]): Promise<BatchAnswer>;
  /** Aborts the requests under way. */
  close(): void;
}

export interface SourceOptions {
  readonly client: SecretsClient;
  readonly timers: Timers;
  readonly requestTimeoutMs: number;
}

/** The largest batch that BatchGetSecretValue takes. */
export const LARGEST_BATCH = 20;

export function createSecretsSource(options: SourceOptions): SecretsSource {
  const running = new Set<AbortController>();
  const shareScopes = createSharedScopes();

  async function withDeadline<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    running.add(controller);
    const cancel = options.timers.after(options.requestTimeoutMs, () => controller.abort());
    try {
      // A client that ignores the signal must not hold its callers for ever.
      return await Promise.race([send(controller.signal), rejectedOn(controller.signal)]);
    } finally {
      cancel();
      running.delete(controller);
    }
  }

  return {
    async readOne(secretId) {
      try {
        const command = new GetSecretValueCommand({ SecretId: secretId });
        const reply = await withDeadline((abortSignal) =>
          options.client.send(command, { abortSignal }),
        );
        return answerOf(reply, shareScopes);
      } catch (error) {
        return { ok: false, error: judgeAwsFailure(error) };
      }
    },
    async readBatch(secretIds) {
      try {
        const command = new BatchGetSecretValueCommand({ SecretIdList: [...secretIds] });
        const reply = await withDeadline((abortSignal) =>
          options.client.send(command, { abortSignal }),
        );
        return { answers: answersOf(reply, secretIds, shareScopes), denied: false };
      } catch (error) {
        return failedBatch(judgeAwsFailure(error), secretIds);
      }
    },
    close() {
      for (const controller of running) controller.abort();
    },
  };
}

function rejectedOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(new ReaderError("secrets_manager_unreachable"));
    signal.addEventListener("abort", abort, { once: true });
  });
}

/** The parts of an answer that both calls share. */
interface SecretValue {
  readonly ARN?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly SecretString?: string | undefined;
}

function answerOf(value: SecretValue, shareScopes: ShareScopes): Answer {
  const reading = {
    secretArn: value.ARN ?? "",
    versionId: value.VersionId ?? "",
    text: value.SecretString,
  };
  try {
    return { ok: true, token: storeTokenOf(reading, shareScopes) };
  } catch (error) {
    return {
      ok: false,
      error: error instanceof ReaderError ? error : new ReaderError("record_malformed"),
    };
  }
}

function answersOf(
  reply: BatchGetSecretValueCommandOutput,
  asked: readonly string[],
  shareScopes: ShareScopes,
): Map<string, Answer> {
  const wanted = new Set(asked);
  const answers = new Map<string, Answer>();
  for (const value of reply.SecretValues ?? []) {
    for (const id of [value.ARN, value.Name]) {
      if (id !== undefined && wanted.has(id)) answers.set(id, answerOf(value, shareScopes));
    }
  }
  for (const failure of reply.Errors ?? []) {
    if (failure.SecretId === undefined || !wanted.has(failure.SecretId)) continue;
    const error = judgeAwsFailure({ name: failure.ErrorCode, message: failure.Message });
    answers.set(failure.SecretId, { ok: false, error });
  }
  return answers;
}

/** An outage fails the whole batch; anything else may be about one of its secrets, so each is read alone. */
function failedBatch(error: ReaderError, asked: readonly string[]): BatchAnswer {
  const denied = error.code === "access_denied";
  const isOutage =
    error.code === "secrets_manager_unreachable" || error.code === "credentials_missing";
  const answers = new Map<string, Answer>(
    isOutage ? asked.map((id) => [id, { ok: false, error }]) : [],
  );
  return { answers, denied };
}
