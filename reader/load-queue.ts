import { ReaderError } from "./errors";
import { type Answer, LARGEST_BATCH, type SecretsSource } from "./secrets-source";
import type { Timers } from "./timers";

/** Gathers the secrets that are asked for at the same moment into batches. */
export interface LoadQueue {
  /**
   * Reads AWSCURRENT of a secret; never rejects. `onSent` runs when its request leaves. The caller sees to it
   * that a secret is asked for once at a time.
   */
  load(secretId: string, onSent: () => void): Promise<Answer>;
  /** Answers `closed` to all that wait for their request. */
  close(): void;
}

export interface QueueOptions {
  readonly source: SecretsSource;
  readonly timers: Timers;
  /** How many requests run at once. */
  readonly parallelRequests: number;
  /** Told once, when the policy turns out not to allow batches. */
  readonly onBatchDenied: () => void;
}

interface Waiting {
  readonly secretId: string;
  readonly onSent: () => void;
  readonly settle: (answer: Answer) => void;
}

export function createLoadQueue(options: QueueOptions): LoadQueue {
  const waiting: Waiting[] = [];
  let running = 0;
  let flushIsDue = false;
  let largestBatch = LARGEST_BATCH;
  let cancelFlush: () => void = () => undefined;

  function flush(): void {
    flushIsDue = false;
    while (waiting.length > 0 && running < options.parallelRequests) {
      running += 1;
      void run(waiting.splice(0, largestBatch)).finally(() => {
        running -= 1;
        flush();
      });
    }
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    for (const one of batch) one.onSent();
    if (batch.length === 1) return first.settle(await options.source.readOne(first.secretId));
    const { answers, denied } = await options.source.readBatch(batch.map((one) => one.secretId));
    if (denied) readOneByOneFromNowOn();
    // What a batch does not answer is read alone, so that one store never fails another.
    const settled = batch.map(async ({ secretId, settle }) =>
      settle(answers.get(secretId) ?? (await options.source.readOne(secretId))),
    );
    await Promise.all(settled);
  }

  function readOneByOneFromNowOn(): void {
    if (largestBatch === 1) return;
    largestBatch = 1;
    options.onBatchDenied();
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
    },
  };
}
