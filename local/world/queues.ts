import { setTimeout as pause } from "node:timers/promises";
import { SECOND_MS } from "../../contract/time";
import type { CallRecord } from "../aws/call-record";
import type { Front } from "../aws/front";
import type { TimedSource } from "../clock/driver";

/** When the emulator's queues next have a message for a function. */
interface Waiting {
  /** On the world's clock; null: no message waits for a function that may have it. */
  readonly dueAtMs: number | null;
  /** A message is with its function, or could be at once. */
  readonly isBusy: boolean;
}

const LOOK_AGAIN_MS = 20;

/**
 * SQS in the world: messages are due when their delay, or the time for which a receive hides them, has passed.
 *
 * The emulator hands them to the functions by itself; the clock only has to stop where they are due, and to wait
 * until no function has one.
 */
export function queuedMessages(front: Front): TimedSource {
  const waiting = createQuestion(front);
  return {
    name: "message",
    nextDueAt: async () => (await waiting())?.dueAtMs ?? undefined,
    runDue: async () => {
      while ((await waiting())?.isBusy === true) await pause(LOOK_AGAIN_MS);
    },
  };
}

/** Asks the emulator, once there has been a call to SQS at all; a world without queues need not be asked. */
function createQuestion(front: Front): () => Promise<Waiting | undefined> {
  let hasQueues = false;
  let callsSeen = 0;
  return async () => {
    const calls = front.calls();
    // Fewer than before: somebody has had them forgotten.
    hasQueues ||= calls.slice(calls.length < callsSeen ? 0 : callsSeen).some(isOfQueues);
    callsSeen = calls.length;
    if (!hasQueues) return undefined;
    const reply = await fetch(`${front.emulatorUrl()}/_world/queues`, {
      method: "POST",
      body: "{}",
    });
    const answer: unknown = await reply.json();
    if (!reply.ok) throw new Error(`queues could not be read: ${JSON.stringify(answer)}`);
    return answer as Waiting;
  };
}

const isOfQueues = ({ service }: CallRecord): boolean => service === "sqs";

/** How much of the world's time passes where a queue's name is not free yet; whoever needs it tries again. */
export const NAME_STEP_MS = 5 * SECOND_MS;

/** Whether the call asked for a queue and did not get it; a name is free a minute after its queue was deleted. */
export function awaitsQueueName({ service, operation, status }: CallRecord): boolean {
  return service === "sqs" && operation === "CreateQueue" && status === 400;
}
