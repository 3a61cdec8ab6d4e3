import { STORES_A_WORKER, WORKER_WRITES_A_SECOND } from "../../contract/capacity";
import { adviceRow, CodedError } from "../../contract/errors";
import { encodeMetrics } from "../../contract/metrics";
import type { StoreView } from "../../contract/store/view";
import { SECOND_MS } from "../../contract/time";
import type { BatchAnswer, DeliveredOrder, WorkOrder } from "../../contract/work-order";
import { fits } from "../deadline";
import { fieldsOfError } from "../log";
import { createQueueingPort } from "../secrets/queueing-port";
import { nothingToDo } from "./agenda";
import { depsFor, type SweepDeps } from "./deps";
import { inParallel } from "./in-parallel";
import type { StoreOutcome } from "./outcome";
import { decideWork } from "./plan";
import { createRateLimitedPort } from "./rate-limited-port";
import { report } from "./report";
import { seenNow } from "./seen-now";
import { type Swept, summaryOf } from "./summary";
import { tellPeople } from "./tell";
import { workOn } from "./work";

/** With less time than this no further store is begun: its order comes again. */
const LAST_START_MS = 35 * SECOND_MS;

/**
 * Works on the stores of a batch as a pass does: each is looked at first, so an order that comes twice, late or
 * beside another pass finds nothing to do.
 */
export async function workOff(
  delivered: readonly DeliveredOrder[],
  given: SweepDeps,
): Promise<BatchAnswer> {
  const pace = { writes: WORKER_WRITES_A_SECOND, tags: WORKER_WRITES_A_SECOND };
  // What a turn cannot foresee are the writes of rotations, which AWS counts with ours.
  const queueing = createQueueingPort(given.secrets, given);
  const deps = { ...given, secrets: createRateLimitedPort(queueing, given.deadline, pace) };
  const swept: Swept[] = [];
  const again: string[] = [];
  const left = await inParallel(readableOf(delivered, deps), {
    width: STORES_A_WORKER,
    mayStart: () => fits(deps.deadline, LAST_START_MS),
    run: async ({ messageId, order }) => {
      const done = await carryOut(order, deps);
      if (done.swept !== undefined) swept.push(done.swept);
      if (done.comesAgain === true) again.push(messageId);
    },
  });
  sayWhatWasDone(swept, deps);
  await tellPeople(swept, deps);
  const undone = [...again, ...left.map(({ messageId }) => messageId)];
  return { batchItemFailures: undone.map((itemIdentifier) => ({ itemIdentifier })) };
}

interface Readable {
  readonly messageId: string;
  readonly order: WorkOrder;
}

/** What is no order of ours, or of a pass that the next one has replaced, is dropped. */
function readableOf(
  delivered: readonly DeliveredOrder[],
  { clock, log }: Pick<SweepDeps, "clock" | "log">,
): Readable[] {
  const now = clock.now();
  return delivered.flatMap(({ messageId, order }) => {
    if (order === undefined) log.error("work.order_malformed", { message: messageId });
    return order === undefined || order.until < now ? [] : [{ messageId, order }];
  });
}

/** What became of an order. */
interface CarriedOut {
  /** Undefined: there is no such store any more, or it could not be seen. */
  readonly swept?: Swept;
  /** Whether the queue is to deliver it once more. */
  readonly comesAgain?: boolean;
}

async function carryOut({ secretArn }: WorkOrder, deps: SweepDeps): Promise<CarriedOut> {
  let store: StoreView;
  try {
    store = await seenNow({ secretArn }, deps);
  } catch (error) {
    if (isGone(error)) return {};
    deps.log.warn("work.store_not_seen", { secret: secretArn, ...fieldsOfError(error) });
    return { comesAgain: true };
  }
  const own = depsFor(store, deps);
  const work = decideWork(store, own.clock.now());
  const rested = nothingToDo({ store, work }, own);
  if (rested !== undefined) return { swept: rested };
  const outcome = await workOn(store, work, own);
  return { swept: await report(store, outcome, own), comesAgain: isOfAws(outcome) };
}

/** Whether AWS kept a store's work from its end, for a while: the next pass may be ten minutes off. */
function isOfAws({ action, code = "" }: StoreOutcome): boolean {
  if (action !== "failed" || code === "") return false;
  const { owner, retryable } = adviceRow(code);
  return owner === "aws" && retryable;
}

function isGone(error: unknown): boolean {
  return error instanceof CodedError && adviceRow(error.code).attempt === "gone";
}

/** The pass has said how the fleet stands; what came of its orders is known here alone. */
function sayWhatWasDone(swept: readonly Swept[], deps: SweepDeps): void {
  const { renewed, failed } = summaryOf(swept);
  if (renewed === 0 && failed === 0) return;
  const values = { renewalsSucceeded: renewed, renewalsFailed: failed };
  deps.emit(encodeMetrics(values, { prefix: deps.prefix, at: deps.clock.now() }));
}
