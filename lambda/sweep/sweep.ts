import { encodeMetrics } from "../../contract/metrics";
import { SWEPT_AT_TAG } from "../../contract/store/status";
import type { StoreView } from "../../contract/store/view";
import type { SweepResult } from "../../contract/sweep";
import { type EpochMs, isoOf, SECOND_MS } from "../../contract/time";
import { fits, keeping, within } from "../deadline";
import { type EngineDeps, under } from "../engine/deps";
import { writeTags } from "../engine/status";
import { agendaOf, asListed, atRest, type Due, isDue } from "./agenda";
import { carryByQueue } from "./by-queue";
import { depsFor, type SweepDeps } from "./deps";
import { warnOfDuplicateInstallations } from "./duplicate-installations";
import { inParallel } from "./in-parallel";
import { keepAwake } from "./keep-awake";
import { metricsOf } from "./metrics";
import { orderLeftovers } from "./order-leftovers";
import { decideWork } from "./plan";
import { createRateLimitedPort } from "./rate-limited-port";
import { report } from "./report";
import { listedFleet, seenNow } from "./seen-now";
import { type Swept, summaryOf } from "./summary";
import { tellPeople } from "./tell";
import { failureOf, workOn } from "./work";

/** With less time than this no further store is begun: a renewal should not be cut off. */
const LAST_START_MS = 20 * SECOND_MS;
/** The time that is kept for what comes after the stores: the heartbeat, and telling people. */
const AFTERWARDS_MS = 15 * SECOND_MS;

/**
 * Looks after the whole fleet: renews what is due, checks what is static, heals what is stuck.
 *
 * Secrets Manager is its only memory, so it may be killed at any point and overlap with itself. What one
 * run has no time for stays due, and the next run begins with it.
 */
export async function sweep(given: SweepDeps): Promise<SweepResult> {
  const deps = { ...given, secrets: createRateLimitedPort(given.secrets, given.deadline) };
  const stores = await listedFleet(deps);
  const now = deps.clock.now();
  const agenda = agendaOf(stores, now);
  const { orderQueue } = deps;
  const swept =
    orderQueue === undefined
      ? await carryHere(agenda, now, deps)
      : await carryByQueue(agenda, orderQueue, deps);
  deps.emit(encodeMetrics(metricsOf(swept, now), { prefix: deps.prefix, at: now }));
  const afterwards = under(deps, within(deps.deadline, AFTERWARDS_MS));
  await Promise.all([
    noteTheEnd(stores, afterwards),
    tellPeople(swept, afterwards),
    warnOfDuplicateInstallations(stores, afterwards),
    keepAwake(afterwards),
    orderLeftovers(stores, afterwards),
  ]);
  return summaryOf(swept);
}

/** Does itself what is due, as long as there is time. */
async function carryHere(
  agenda: readonly Due[],
  now: EpochMs,
  deps: SweepDeps,
): Promise<readonly Swept[]> {
  const hurried = under(deps, keeping(deps.deadline, AFTERWARDS_MS));
  const swept: Swept[] = [];
  const left = await inParallel(agenda, {
    width: deps.storesAtOnce,
    mayStart: () => fits(hurried.deadline, LAST_START_MS),
    run: async (due) => void swept.push(await sweepOne(due, depsFor(due.store, hurried))),
  });
  return [...swept, ...left.map((due) => asListed(due, isDue(due) ? "left" : "through", now))];
}

/** What has something to be done, written or told is looked at again first: the list may be five minutes old. */
async function sweepOne(due: Due, deps: SweepDeps): Promise<Swept> {
  const rested = atRest(due, deps);
  if (rested !== undefined) return rested;
  const listed = due.store;
  let store: StoreView;
  try {
    store = await seenNow(listed, deps);
  } catch (error) {
    return await report(listed, failureOf(listed, error), deps);
  }
  const outcome = await workOn(store, decideWork(store, deps.clock.now()), deps);
  return await report(store, outcome, deps);
}

/** Says on one store that a pass came to its end: nothing else shows people a schedule that was switched off. */
async function noteTheEnd(stores: readonly StoreView[], deps: EngineDeps): Promise<void> {
  const names = stores.map(({ facts }) => facts.name).sort();
  const first = stores.find(({ facts }) => facts.name === names[0]);
  if (first === undefined) return;
  await writeTags(first.secretArn, { [SWEPT_AT_TAG]: isoOf(deps.clock.now()) }, deps);
}
