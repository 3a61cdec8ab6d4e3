import type { Ended } from "../functions/lambda-service";
import type { Chance } from "../time/chance";
import type { Timeline } from "../time/timeline";
import type { AwsService } from "./aws-client";
import { answerOfLie, isStale } from "./lies";

/** A queue and what connects it with its function, as infra/components/work-queue.ts makes them. */
export interface QueueShape {
  readonly batchSize: number;
  readonly mostWorkers: number;
  readonly visibilityMs: number;
  readonly retentionMs: number;
}

interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
}

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

/** Of so many messages one is delivered twice: a standard queue promises "at least once". */
const ONE_TWICE_IN = 200;
/** A message becomes visible a while after its time, in milliseconds: the least and the most. */
const POLL_MS = [5, 400] as const;

/** SQS with the mapping that hands messages to a function: in no order, at least once, to a bounded number of workers. */
export class QueueService {
  /** How many messages were handed to a worker. */
  delivered = 0;
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #shape: QueueShape;
  readonly #invoke: (event: object) => Promise<Ended>;
  #ready: Message[] = [];
  #running = 0;
  #sent = 0;

  constructor(
    at: { readonly timeline: Timeline; readonly chance: Chance },
    shape: QueueShape,
    invoke: (event: object) => Promise<Ended>,
  ) {
    this.#timeline = at.timeline;
    this.#chance = at.chance;
    this.#shape = shape;
    this.#invoke = invoke;
  }

  readonly serve: AwsService = async ({ operation, input }, { lie, effect }) => {
    if (operation !== "SendMessageBatch") throw new Error(`no ${operation} here`);
    const { Entries = [] } = input as { readonly Entries?: readonly Entry[] };
    if (effect !== "none") for (const entry of Entries) this.#take(entry);
    if (lie !== undefined && !isStale(lie)) return answerOfLie(lie);
    return { output: { Successful: Entries.map(({ Id }) => ({ Id })) } };
  };

  #take({ MessageBody: body, DelaySeconds = 0 }: Entry): void {
    this.#sent += 1;
    const message = { messageId: `message-${this.#sent}`, body, sentAt: this.#timeline.now };
    const isTwice = this.#chance.next() * ONE_TWICE_IN < 1;
    for (const copy of isTwice ? [message, message] : [message]) {
      this.#comeAfter(copy, DelaySeconds * 1_000 + this.#chance.between(...POLL_MS));
    }
  }

  #comeAfter(message: Message, milliseconds: number): void {
    this.#timeline.after(milliseconds, () => {
      if (this.#timeline.now - message.sentAt > this.#shape.retentionMs) return;
      this.#ready.push(message);
      this.#deliver();
    });
  }

  #deliver(): void {
    const { batchSize, mostWorkers } = this.#shape;
    while (this.#running < mostWorkers && this.#ready.length > 0) {
      const batch = this.#ready.splice(0, batchSize);
      this.#running += 1;
      void this.#handOver(batch).finally(() => {
        this.#running -= 1;
        this.#deliver();
      });
    }
  }

  async #handOver(batch: readonly Message[]): Promise<void> {
    const takenAt = this.#timeline.now;
    this.delivered += batch.length;
    const Records = batch.map(({ messageId, body }) => ({
      messageId,
      body,
      eventSource: "aws:sqs",
    }));
    const { error, result } = await this.#invoke({ Records });
    const { batchItemFailures = [] } = (result ?? {}) as {
      readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
    };
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of batch) {
      if (error === undefined && !failed.has(message.messageId)) continue;
      const visibleAt = takenAt + this.#shape.visibilityMs;
      this.#comeAfter(message, Math.max(0, visibleAt - this.#timeline.now));
    }
  }
}
