import { NON_EXPIRING_ENDS_ON, nonExpiringEndOf } from "../../contract/distribution";
import { encodeMetrics } from "../../contract/metrics";
import { adviceFor } from "../../contract/store/advice";
import { conditionOf } from "../../contract/store/condition";
import { SWEPT_AT_TAG } from "../../contract/store/status";
import type { StoreView } from "../../contract/store/view";
import type { SweepResult } from "../../contract/sweep";
import { type EpochMs, isoOf, SECOND_MS } from "../../contract/time";
import { fits, keeping, within } from "../deadline";
import { type EngineDeps, under } from "../engine/deps";
import { writeTags } from "../engine/status";
import { depsFor, type SweepDeps } from "./deps";
import { warnOfDuplicateInstallations } from "./duplicate-installations";
import { inParallel } from "./in-parallel";
import { keepAwake } from "./keep-awake";
import { metricsOf } from "./metrics";
import { noteOutcome, restedAt, type StoreOutcome, tagsToWrite } from "./outcome";
import { decideWork, urgencyOf, type Work } from "./plan";
import { createRateLimitedPort } from "./rate-limited-port";
import { listedFleet, seenNow } from "./seen-now";
import { type Swept, summaryOf } from "./summary";
import { noticeOf, tellPeople } from "./tell";
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
  const swept = await sweepStores(stores, now, deps);
  deps.emit(encodeMetrics(metricsOf(swept, now), { prefix: deps.prefix, at: now }));
  const afterwards = under(deps, within(deps.deadline, AFTERWARDS_MS));
  await Promise.all([
    noteTheEnd(stores, afterwards),
    tellPeople(swept, afterwards),
    warnOfDuplicateInstallations(stores, afterwards),
    keepAwake(afterwards),
  ]);
  return summaryOf(swept);
}

async function sweepStores(
  stores: readonly StoreView[],
  now: EpochMs,
  deps: SweepDeps,
): Promise<readonly Swept[]> {
  const urgency = ({ store, work }: Due) => urgencyOf(store, work, now);
  const queue = stores
    .map((store): Due => ({ store, work: decideWork(store, now) }))
    .sort((one, other) => urgency(one) - urgency(other));
  const hurried = under(deps, keeping(deps.deadline, AFTERWARDS_MS));
  const swept: Swept[] = [];
  const left = await inParallel(queue, {
    width: deps.storesAtOnce,
    mayStart: () => fits(hurried.deadline, LAST_START_MS),
    run: async (due) => void swept.push(await sweepOne(due, depsFor(due.store, hurried))),
  });
  return [...swept, ...left.map((due) => leftAlone(due, now))];
}

/** A store and what it needs. */
interface Due {
  readonly store: StoreView;
  readonly work: Work;
}

/** What has something to be done, written or told is looked at again first: the list may be five minutes old. */
async function sweepOne({ store: listed, work }: Due, deps: SweepDeps): Promise<Swept> {
  const rested = atRest(listed, work, deps);
  if (rested !== undefined) return rested;
  let store: StoreView;
  try {
    store = await seenNow(listed, deps);
  } catch (error) {
    return await report(listed, failureOf(listed, error), deps);
  }
  const outcome = await workOn(store, decideWork(store, deps.clock.now()), deps);
  return await report(store, outcome, deps);
}

/** A store that the list shows well, with nothing to do, to write or to tell; undefined: it is none. */
function atRest(store: StoreView, work: Work, { clock, prefix }: SweepDeps): Swept | undefined {
  if (!RESTS.has(work.action) || store.pending !== undefined) return undefined;
  const outcome: StoreOutcome = {
    ...restedAt(store),
    action: work.action === "await" ? "awaited" : "rested",
  };
  const now = clock.now();
  const told = noteOutcome(store, outcome, now);
  const condition = conditionOf(told.view, now);
  const isToWrite = Object.keys(tagsToWrite(told, condition.state)).length > 0;
  const swept: Swept = { store: told.view, outcome, condition, isLeft: false };
  const awaits = store.current === undefined && condition.state !== "failing";
  const isWell = awaits || !condition.needsPerson;
  return isWell && !isToWrite && noticeOf(swept, prefix) === undefined ? swept : undefined;
}

const RESTS: ReadonlySet<Work["action"]> = new Set(["rest", "await"]);

/** Says on one store that a pass came to its end: nothing else shows people a schedule that was switched off. */
async function noteTheEnd(stores: readonly StoreView[], deps: EngineDeps): Promise<void> {
  const names = stores.map(({ facts }) => facts.name).sort();
  const first = stores.find(({ facts }) => facts.name === names[0]);
  if (first === undefined) return;
  await writeTags(first.secretArn, { [SWEPT_AT_TAG]: isoOf(deps.clock.now()) }, deps);
}

function leftAlone({ store, work }: Due, now: EpochMs): Swept {
  const isLeft = !RESTS.has(work.action);
  return { store, outcome: restedAt(store), condition: conditionOf(store, now), isLeft };
}

/** Writes the status of a store where it changed. */
export async function report(
  listed: StoreView,
  outcome: StoreOutcome,
  deps: EngineDeps,
): Promise<Swept> {
  const now = deps.clock.now();
  const told = noteOutcome(outcome.seen ?? listed, outcome, now);
  const condition = conditionOf(told.view, now);
  const swept: Swept = { store: told.view, outcome, condition, isLeft: false };
  if (outcome.action === "gone") return swept;
  sayWhatWasFound(swept, deps);
  const tags = tagsToWrite(told, condition.state);
  if (Object.keys(tags).length > 0) await writeTags(listed.secretArn, tags, deps);
  return swept;
}

function sayWhatWasFound(
  { store, outcome, condition: { state } }: Swept,
  { log }: Pick<EngineDeps, "log">,
): void {
  const { action, code, missingScopes, isNonExpiring, failure } = outcome;
  if (action === "failed" || code === "token_dead") {
    log.error("sweep.store", { did: action, state, ...failure, code });
  } else if (code !== undefined && code !== "") {
    log.warn("sweep.store", { did: action, code, state, missing_scopes: missingScopes?.join(",") });
  }
  const endsAt = nonExpiringEndOf(store.declaration?.distribution);
  if (isNonExpiring === true && endsAt !== undefined) {
    log.warn("sweep.non_expiring_token", {
      ends_for_public_apps_at: NON_EXPIRING_ENDS_ON,
      next: adviceFor(store, { state, code: "non_expiring_ending" }).next,
    });
  }
}
