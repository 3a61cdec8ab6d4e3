import { NON_EXPIRING_ENDS_ON, nonExpiringEndOf } from "../../contract/distribution";
import { encodeMetrics } from "../../contract/metrics";
import { adviceFor } from "../../contract/store/advice";
import { conditionOf } from "../../contract/store/condition";
import { SWEPT_AT_TAG } from "../../contract/store/status";
import type { SweepResult } from "../../contract/sweep";
import { type EpochMs, isoOf, SECOND_MS } from "../../contract/time";
import { fits, keeping, within } from "../deadline";
import { type EngineParts, under } from "../engine/parts";
import { writeTags } from "../engine/status";
import { type Finding, restedAt, tagsToWrite, tell } from "./finding";
import { inParallel } from "./in-parallel";
import { keepAwake } from "./keep-awake";
import type { ListedStore } from "./listed-store";
import { metricsOf } from "./metrics";
import { createPacedPort } from "./paced-port";
import { partsFor, type SweepParts } from "./parts";
import { decideWork, urgencyOf, type Work } from "./plan";
import { listedFleet, seenNow } from "./seen-now";
import { type Swept, summaryOf } from "./summary";
import { noticeOf, tellPeople } from "./tell";
import { warnOfTwins } from "./twins";
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
export async function sweep(given: SweepParts): Promise<SweepResult> {
  const parts = { ...given, secrets: createPacedPort(given.secrets, given.deadline) };
  const stores = await listedFleet(parts);
  const now = parts.clock.now();
  const swept = await sweepStores(stores, now, parts);
  parts.emit(encodeMetrics(metricsOf(swept, now), { prefix: parts.prefix, at: now }));
  const afterwards = under(parts, within(parts.deadline, AFTERWARDS_MS));
  await Promise.all([
    noteTheEnd(stores, afterwards),
    tellPeople(swept, afterwards),
    warnOfTwins(stores, afterwards),
    keepAwake(afterwards),
  ]);
  return summaryOf(swept);
}

async function sweepStores(
  stores: readonly ListedStore[],
  now: EpochMs,
  parts: SweepParts,
): Promise<readonly Swept[]> {
  const urgency = ({ store, work }: Due) => urgencyOf(store, work, now);
  const queue = stores
    .map((store): Due => ({ store, work: decideWork(store, now) }))
    .sort((one, other) => urgency(one) - urgency(other));
  const hurried = under(parts, keeping(parts.deadline, AFTERWARDS_MS));
  const swept: Swept[] = [];
  const left = await inParallel(queue, {
    width: parts.storesAtOnce,
    mayStart: () => fits(hurried.deadline, LAST_START_MS),
    run: async (due) => void swept.push(await sweepOne(due, partsFor(due.store, hurried))),
  });
  return [...swept, ...left.map((due) => leftAlone(due, now))];
}

/** A store and what it needs. */
interface Due {
  readonly store: ListedStore;
  readonly work: Work;
}

/** What has something to be done, written or told is looked at again first: the list may be five minutes old. */
async function sweepOne({ store: listed, work }: Due, parts: SweepParts): Promise<Swept> {
  const rested = atRest(listed, work, parts);
  if (rested !== undefined) return rested;
  let store: ListedStore;
  try {
    store = await seenNow(listed, parts);
  } catch (error) {
    return await report(listed, failureOf(listed, error), parts);
  }
  const finding = await workOn(store, decideWork(store, parts.clock.now()), parts);
  return await report(store, finding, parts);
}

/** A store that the list shows well, with nothing to do, to write or to tell; undefined: it is none. */
function atRest(store: ListedStore, work: Work, { clock, prefix }: SweepParts): Swept | undefined {
  if (!RESTS.has(work.does) || store.pending !== undefined) return undefined;
  const finding: Finding = {
    ...restedAt(store),
    did: work.does === "await" ? "awaited" : "rested",
  };
  const now = clock.now();
  const told = tell(store, finding, now);
  const condition = conditionOf(told.view, now);
  const isToWrite = Object.keys(tagsToWrite(told, condition.state)).length > 0;
  const swept: Swept = { store: told.view, finding, condition, isLeft: false };
  const awaits = store.current === undefined && condition.state !== "failing";
  const isWell = awaits || !condition.needsPerson;
  return isWell && !isToWrite && noticeOf(swept, prefix) === undefined ? swept : undefined;
}

const RESTS: ReadonlySet<Work["does"]> = new Set(["rest", "await"]);

/** Says on one store that a pass came to its end: nothing else shows people a schedule that was switched off. */
async function noteTheEnd(stores: readonly ListedStore[], parts: EngineParts): Promise<void> {
  const names = stores.map(({ facts }) => facts.name).sort();
  const first = stores.find(({ facts }) => facts.name === names[0]);
  if (first === undefined) return;
  await writeTags(first.secretArn, { [SWEPT_AT_TAG]: isoOf(parts.clock.now()) }, parts);
}

function leftAlone({ store, work }: Due, now: EpochMs): Swept {
  const isLeft = !RESTS.has(work.does);
  return { store, finding: restedAt(store), condition: conditionOf(store, now), isLeft };
}

/** Writes the status of a store where it changed. */
export async function report(
  listed: ListedStore,
  finding: Finding,
  parts: EngineParts,
): Promise<Swept> {
  const now = parts.clock.now();
  const told = tell(finding.seen ?? listed, finding, now);
  const condition = conditionOf(told.view, now);
  const swept: Swept = { store: told.view, finding, condition, isLeft: false };
  if (finding.did === "gone") return swept;
  sayWhatWasFound(swept, parts);
  const tags = tagsToWrite(told, condition.state);
  if (Object.keys(tags).length > 0) await writeTags(listed.secretArn, tags, parts);
  return swept;
}

function sayWhatWasFound(
  { store, finding, condition: { state } }: Swept,
  { log }: Pick<EngineParts, "log">,
): void {
  const { did, code, missingScopes, isNonExpiring, failure } = finding;
  if (did === "failed" || code === "token_dead") {
    log.error("sweep.store", { did, state, ...failure, code });
  } else if (code !== undefined && code !== "") {
    log.warn("sweep.store", { did, code, state, missing_scopes: missingScopes?.join(",") });
  }
  const endsAt = nonExpiringEndOf(store.declaration?.distribution);
  if (isNonExpiring === true && endsAt !== undefined) {
    log.warn("sweep.non_expiring_token", {
      ends_for_public_apps_at: NON_EXPIRING_ENDS_ON,
      next: adviceFor(store, { state, code: "non_expiring_ending" }).next,
    });
  }
}
