import type { LogFields } from "../log";
import { requestIdOf, type Send } from "./exchange";

/** What was heard of Shopify during a piece of work, for its log line. */
export interface RecordedCalls {
  /** Sends like the given one, and listens. */
  readonly send: Send;
  /** How many calls there were, and Shopify's name for the last one that was answered. */
  facts(): LogFields;
}

/** Counts the calls to Shopify that go through it, retries included. */
export function recordCalls(send: Send): RecordedCalls {
  let calls = 0;
  let requestId: string | undefined;
  return {
    send: async (request, timeoutMs) => {
      calls += 1;
      const reply = await send(request, timeoutMs);
      requestId = requestIdOf(reply) ?? requestId;
      return reply;
    },
    facts: () => ({ shopify_calls: calls, shopify_request_id: requestId }),
  };
}
