import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { encodeWorkOrder, type WorkOrder } from "../../contract/work-order";
import { awsClientOptions } from "../aws-client";
import { type Deadline, limited } from "../deadline";
import { codedAwsError } from "../secrets/aws-errors";
import { inParallel } from "./in-parallel";

/** An order and the time that it waits in the queue before a worker sees it. */
export interface DelayedOrder extends WorkOrder {
  /** In whole seconds, at most 900 (`DelaySeconds` in the API reference of SendMessage). */
  readonly delaySeconds: number;
}

/** The queue that carries the work of a large fleet. */
export interface OrderQueue {
  /** Sends orders in this order; gives those that the queue did not take. */
  send(orders: readonly DelayedOrder[], deadline: Deadline): Promise<readonly DelayedOrder[]>;
}

/** The part of the SDK's client that is used. */
export type SqsSend = Pick<SQSClient, "send">;

/** How many messages one request carries (`TooManyEntriesInBatchRequest` in the API reference of SendMessageBatch). */
const BATCH = 10;
const BATCHES_AT_ONCE = 10;

/** Sends over the SDK's client. */
export function createOrderQueue(
  queueUrl: string,
  client: SqsSend = new SQSClient(awsClientOptions()),
): OrderQueue {
  return {
    send: async (orders, deadline) => {
      const untaken: DelayedOrder[] = [];
      const unsent = await inParallel(batchesOf(orders), {
        width: BATCHES_AT_ONCE,
        mayStart: () => deadline.remainingMs() > 0,
        run: async (batch) =>
          void untaken.push(...(await sendBatch(batch, { queueUrl, client, deadline }))),
      });
      return [...untaken, ...unsent.flat()];
    },
  };
}

function batchesOf(orders: readonly DelayedOrder[]): DelayedOrder[][] {
  return Array.from({ length: Math.ceil(orders.length / BATCH) }, (_, at) =>
    orders.slice(at * BATCH, (at + 1) * BATCH),
  );
}

interface To {
  readonly queueUrl: string;
  readonly client: SqsSend;
  readonly deadline: Deadline;
}

/** A batch may be taken in part: the answer then is a 200 that names what failed. */
async function sendBatch(
  batch: readonly DelayedOrder[],
  { queueUrl, client, deadline }: To,
): Promise<readonly DelayedOrder[]> {
  const command = new SendMessageBatchCommand({
    QueueUrl: queueUrl,
    Entries: batch.map((order, at) => ({
      Id: String(at),
      DelaySeconds: order.delaySeconds,
      MessageBody: encodeWorkOrder(order),
    })),
  });
  try {
    const { Failed = [] } = await limited(deadline, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    const failed = new Set(Failed.map(({ Id }) => Id));
    return batch.filter((_, at) => failed.has(String(at)));
  } catch (error) {
    throw codedAwsError(error);
  }
}
