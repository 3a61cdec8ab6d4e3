import { isLeftover, leftoverOrder, MOST_LEFTOVERS } from "../../contract/leftovers";
import { functionName } from "../../contract/names";
import type { StoreView } from "../../contract/store/view";
import { SWEEP_EVERY_MS } from "../../contract/sweep";
import { fieldsOfError } from "../log";
import type { SweepDeps } from "./deps";

/**
 * Has the install function remove what merchants left behind who came by themselves and never came to the end: a few
 * each pass, others each time, so that one which cannot be removed stands in no other's way.
 */
export async function orderLeftovers(stores: readonly StoreView[], deps: SweepDeps): Promise<void> {
  const now = deps.clock.now();
  const left = stores.filter(({ facts }) => isLeftover(facts, now));
  if (left.length === 0) return;
  const from = (Math.floor(now / SWEEP_EVERY_MS) * MOST_LEFTOVERS) % left.length;
  const turn = [...left.slice(from), ...left.slice(0, from)].slice(0, MOST_LEFTOVERS);
  const order = leftoverOrder(turn.map(({ secretArn }) => secretArn));
  try {
    await deps.callFunction(functionName(deps.prefix, "install"), order, deps.deadline);
  } catch (error) {
    // The next pass asks again.
    deps.log.warn("sweep.leftovers_not_ordered", fieldsOfError(error));
  }
}
