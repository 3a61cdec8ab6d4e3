import { type Clock, systemClock } from "../contract/time";
import { ReaderError } from "./errors";
import { createReporter } from "./events";
import { createLoadQueue } from "./load-queue";
import { clientOf, readLimits, type TokenReaderOptions } from "./reader-options";
import { createSecretsSource } from "./secrets-source";
import { SlotLoader } from "./slot-loader";
import { createSlots, type Slot } from "./slots";
import { createRoutes } from "./store-routes";
import type { StoreToken } from "./store-token";
import { systemTimers } from "./timers";
import { type Question, TokenAnswers } from "./token-answers";

/** What the reader's public calls are made of. */
export interface ReaderCore {
  readonly clock: Clock;
  /** A fresh token out of memory, without any waiting. */
  fresh(store: string): StoreToken | undefined;
  /** Puts a question to the answers; the slot is not dropped meanwhile, so its read is never started twice. */
  ask<T>(
    store: string,
    about: (answers: TokenAnswers, question: Question) => Promise<T>,
  ): Promise<T>;
  close(): void;
}

/** Wires the parts of a reader. */
export function createReaderCore(options: TokenReaderOptions): ReaderCore {
  const limits = readLimits(options);
  const { clock = systemClock, timers = systemTimers } = options;
  const report = createReporter(options.onEvent);
  const questions = createQuestions(options, limits.maxStores, (slot) =>
    report({ event: "store.evicted", secretId: slot.secretId }),
  );
  const { client, release } = clientOf(options);
  const source = createSecretsSource({ ...limits, client, timers });
  const onBatchDenied = () => report({ event: "batch.denied" });
  const queue = createLoadQueue({ ...limits, source, timers, onBatchDenied });
  const loader = new SlotLoader({ queue, slots: questions.slots, clock, timers, limits, report });
  const answers = new TokenAnswers({ loader, clock, limits, report });
  const closing = { isClosed: false };
  return {
    clock,
    fresh: (store) => freshToken(questions.find(store), clock),
    ask: createAsk(questions, answers, closing),
    close() {
      if (closing.isClosed) return;
      closing.isClosed = true;
      for (const part of [queue, loader, source, questions]) part.close();
      release();
    },
  };
}

/** The path of nearly every call: a look-up, and nothing to do. */
function freshToken(question: Question | undefined, clock: Clock): StoreToken | undefined {
  const held = question?.slot.held;
  if (question === undefined || held === undefined || clock.now() >= held.refreshAt)
    return undefined;
  if (question.shop !== undefined && question.shop !== held.token.shop) return undefined;
  question.slot.isUsed = true;
  return held.token;
}

function createAsk(
  questions: Questions,
  answers: TokenAnswers,
  closing: { readonly isClosed: boolean },
): ReaderCore["ask"] {
  return async (store, about) => {
    if (closing.isClosed) throw new ReaderError("closed");
    const question = questions.of(store);
    question.slot.callers += 1;
    try {
      return await about(answers, question);
    } catch (error) {
      throw closing.isClosed ? new ReaderError("closed") : error;
    } finally {
      question.slot.callers -= 1;
    }
  };
}

interface Questions {
  readonly slots: ReturnType<typeof createSlots>;
  find(store: string): Question | undefined;
  of(store: string): Question;
  close(): void;
}

/** Remembers under which names slots were found, as long as the slots are kept. */
function createQuestions(
  options: TokenReaderOptions,
  maxStores: number,
  onDropped: (slot: Slot) => void,
): Questions {
  const findRoute = createRoutes(options);
  const known = new Map<string, Question>();
  const slots = createSlots(maxStores, (slot) => {
    for (const name of slot.names) known.delete(name);
    onDropped(slot);
  });

  function create(store: string): Question {
    const { secretId, shop } = findRoute(store);
    const slot = slots.of(secretId);
    const question: Question = { slot, store, shop };
    slot.names = slot.names.concat(store); // a pushed or spread array keeps room for sixteen more
    known.set(store, question);
    return question;
  }

  return {
    slots,
    find: (store) => known.get(store),
    of: (store) => known.get(store) ?? create(store),
    close() {
      slots.clear();
      known.clear();
    },
  };
}
