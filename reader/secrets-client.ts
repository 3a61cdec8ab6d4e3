import {
  BatchGetSecretValueCommand,
  type BatchGetSecretValueCommandOutput,
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
} from "@aws-sdk/client-secrets-manager";
import { isSecretArn } from "../contract/brands";
import { type Clock, type EpochMs, later, MINUTE_MS, SECOND_MS } from "../contract/time";
import { isThrottling, judgeAwsFailure } from "./aws-failure";
import { ReaderError } from "./errors";
import type { ReaderEvent } from "./events";
import { isOutage } from "./freshness";
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

/** Reads AWSCURRENT of secrets, those that are asked for at the same moment with one request. */
export interface BatchedReads {
  /**
   * Reads AWSCURRENT of a secret; never rejects. `onSent` runs when its request leaves. The caller sees to it
   * that a secret is asked for once at a time.
   */
  load(secretId: string, onSent: () => void): Promise<Answer>;
  /** Answers `closed` to all that wait for their request, and aborts the requests under way. */
  close(): void;
}

export interface ReadsOptions {
  /** Whom to ask for a secret; secrets of different clients are never in one batch. */
  readonly clientFor: (secretId: string) => SecretsClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly requestTimeoutMs: number;
  /** How many requests run at once. */
  readonly parallelRequests: number;
  readonly report: (event: ReaderEvent) => void;
}

interface Waiting {
  readonly secretId: string;
  readonly onSent: () => void;
  readonly settle: (answer: Answer) => void;
}

/** The largest batch that BatchGetSecretValue takes. */
const LARGEST_BATCH = 20;

/** Why batches are not asked for, and how long: a policy changes by hand, a quota is per second. */
const BATCH_PAUSES_MS = { denied: 15 * MINUTE_MS, throttled: 30 * SECOND_MS } as const;

export function createBatchedReads(options: ReadsOptions): BatchedReads {
  const requests = createRequests(options);
  const waiting: Waiting[] = [];
  let running = 0;
  let flushIsDue = false;
  let batchesFrom = 0 as EpochMs;
  let cancelFlush: () => void = () => undefined;

  function flush(): void {
    flushIsDue = false;
    while (waiting.length > 0 && running < options.parallelRequests) {
      running += 1;
      const most = options.clock.now() < batchesFrom ? 1 : LARGEST_BATCH;
      void run(takeBatch(waiting, most, options.clientFor)).finally(() => {
        running -= 1;
        flush();
      });
    }
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    for (const one of batch) one.onSent();
    if (batch.length === 1) return first.settle(await requests.readOne(first.secretId));
    const { answers, trouble } = await requests.readBatch(batch.map((one) => one.secretId));
    if (trouble !== undefined) readOneByOne(trouble);
    // What a batch does not answer is read alone, so that one store never fails another.
    const settled = batch.map(async ({ secretId, settle }) =>
      settle(answers.get(secretId) ?? (await requests.readOne(secretId))),
    );
    await Promise.all(settled);
  }

  function readOneByOne(trouble: BatchTrouble): void {
    const now = options.clock.now();
    if (now >= batchesFrom) options.report({ event: `batch.${trouble}` });
    batchesFrom = later(now, BATCH_PAUSES_MS[trouble]);
  }

  return {
    load(secretId, onSent) {
      return new Promise((settle) => {
        waiting.push({ secretId, onSent, settle });
        if (flushIsDue) return;
        flushIsDue = true;
        cancelFlush = options.timers.after(0, flush);
      });
    },
    close() {
      cancelFlush();
      const error = new ReaderError("closed");
      for (const one of waiting.splice(0)) one.settle({ ok: false, error });
      requests.close();
    },
  };
}

/** Takes the first that waits, and as many others of its client as one request may ask for. */
function takeBatch(
  waiting: Waiting[],
  most: number,
  clientFor: ReadsOptions["clientFor"],
): Waiting[] {
  const batch: Waiting[] = [];
  const client = clientFor(waiting[0]?.secretId ?? "");
  for (let index = 0; index < waiting.length && batch.length < most; ) {
    const one = waiting[index];
    if (one !== undefined && clientFor(one.secretId) === client) {
      batch.push(one);
      waiting.splice(index, 1);
    } else {
      index += 1;
    }
  }
  return batch;
}

/** What became of a batch: `answers` lacks the secrets that have to be read one by one. */
interface BatchAnswer {
  readonly answers: ReadonlyMap<string, Answer>;
  /** Why batches should not be asked for at all for a while. */
  readonly trouble: BatchTrouble | undefined;
}

type BatchTrouble = keyof typeof BATCH_PAUSES_MS;

/** The requests themselves, each with its time-out; never throw. */
interface Requests {
  readOne(secretId: string): Promise<Answer>;
  readBatch(secretIds: readonly string[]): Promise<BatchAnswer>;
  close(): void;
}

function createRequests({ clientFor, timers, requestTimeoutMs }: ReadsOptions): Requests {
  const running = new Set<AbortController>();
  const shareScopes = createSharedScopes();

  async function withDeadline<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    running.add(controller);
    const cancel = timers.after(requestTimeoutMs, () => controller.abort());
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
        const client = clientFor(secretId);
        const reply = await withDeadline((abortSignal) => client.send(command, { abortSignal }));
        return answerOf(reply, shareScopes);
      } catch (error) {
        return { ok: false, error: judgeAwsFailure(error) };
      }
    },
    async readBatch(secretIds) {
      try {
        const command = new BatchGetSecretValueCommand({ SecretIdList: [...secretIds] });
        const client = clientFor(secretIds[0] ?? "");
        const reply = await withDeadline((abortSignal) => client.send(command, { abortSignal }));
        return { answers: answersOf(reply, secretIds, shareScopes), trouble: undefined };
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
    // It may be another account's, of which a batch need not know: GetSecretValue is sure to.
    if (isSecretArn(failure.SecretId)) continue;
    const error = judgeAwsFailure({ name: failure.ErrorCode, message: failure.Message });
    answers.set(failure.SecretId, { ok: false, error });
  }
  return answers;
}

/**
 * An outage fails the whole batch; anything else may be about one of its secrets, or about batches alone (AWS grants
 * 100 of them a second, and 10,000 single reads), so each secret is read alone.
 */
function failedBatch(error: ReaderError, asked: readonly string[]): BatchAnswer {
  if (isThrottling(error)) return { answers: new Map(), trouble: "throttled" };
  const isForAll = isOutage(error) || error.code === "region_missing";
  const answers = new Map<string, Answer>(
    isForAll ? asked.map((id) => [id, { ok: false, error }]) : [],
  );
  return { answers, trouble: error.code === "access_denied" ? "denied" : undefined };
}
