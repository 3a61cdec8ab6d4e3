import * as v from "valibot";
import { isSecretArn, type SecretArn } from "./brands";
import type { EpochMs } from "./time";

/** What the sweep of a large fleet hands to its workers: a store whose turn it is, named by its secret and nothing else. */
export interface WorkOrder {
  readonly secretArn: SecretArn;
  /** The next pass looks anew and sends its own orders: after that this one is over. */
  readonly until: EpochMs;
}

/** An order as its queue delivered it. */
export interface DeliveredOrder {
  /** The queue's own name of the delivery, by which it is given back. */
  readonly messageId: string;
  /** Undefined: it is none of ours, or of another version. */
  readonly order: WorkOrder | undefined;
}

/** What the queue is told of a batch: the deliveries that have to come again. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const WireOrder = v.strictObject({
  secretArn: v.custom<SecretArn>(isSecretArn),
  until: v.pipe(
    v.number(),
    v.transform((until) => until as EpochMs),
  ),
});

/** As Lambda hands messages of a queue over (Lambda developer guide, "Example Amazon SQS message event"). */
const WireBatch = v.object({
  Records: v.array(
    v.object({ messageId: v.string(), body: v.string(), eventSource: v.literal("aws:sqs") }),
  ),
});

/** Writes an order as the body of a message. */
export function encodeWorkOrder({ secretArn, until }: WorkOrder): string {
  return JSON.stringify({ secretArn, until });
}

/** Reads what a queue delivered; undefined: the event comes from somewhere else. */
export function parseWorkBatch(event: unknown): readonly DeliveredOrder[] | undefined {
  const parsed = v.safeParse(WireBatch, event);
  if (!parsed.success) return undefined;
  return parsed.output.Records.map(({ messageId, body }) => ({ messageId, order: orderIn(body) }));
}

function orderIn(body: string): WorkOrder | undefined {
  try {
    const parsed = v.safeParse(WireOrder, JSON.parse(body));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
