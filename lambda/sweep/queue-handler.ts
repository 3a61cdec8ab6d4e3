import { ENVIRONMENT } from "../../contract/environment";
import { type BatchAnswer, type DeliveredOrder, parseWorkBatch } from "../../contract/work-order";
import { answerCall, invocationLog, type LambdaContext } from "../runtime";
import type { SweepAnswer } from "./dispatch";
import { answerSweep, createSweepDeps } from "./function";
import { createOrderQueue } from "./order-queue";
import { workOff } from "./worker";

const queueUrl = process.env[ENVIRONMENT.workQueueUrl];
const createDeps = createSweepDeps(queueUrl ? createOrderQueue(queueUrl) : undefined);

/** The sweep of a large fleet, and its workers: one function's passes send the work, the other one takes it from the queue. */
export async function handler(
  raw: unknown,
  context: LambdaContext,
): Promise<SweepAnswer | BatchAnswer> {
  const delivered = parseWorkBatch(raw);
  if (delivered === undefined) return await answerSweep(raw, context, createDeps);
  return await answerBatch(delivered, context);
}

async function answerBatch(
  delivered: readonly DeliveredOrder[],
  context: LambdaContext,
): Promise<BatchAnswer> {
  return await answerCall("work.done", invocationLog("work", context), async (line) => {
    const answer = await workOff(delivered, createDeps(context, line.log));
    const again = answer.batchItemFailures.length;
    line.facts = () => ({ outcome: "done", orders: delivered.length, again });
    return answer;
  });
}
