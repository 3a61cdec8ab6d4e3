import { isStatic } from "../../contract/kinds";
import { encodeMetrics } from "../../contract/metrics";
import { decideNotice, type Notice } from "../../contract/notice";
import { STATUS_TAGS, SWEPT_AT_TAG } from "../../contract/status";
import type { SweepResult } from "../../contract/sweep";
import { isoOf, SECOND_MS } from "../../contract/time";
import type { EngineParts } from "../engine/parts";
import { writeTags } from "../engine/status";
import { codeToTell, type Finding, restedAt, stateAfter, tagsToWrite } from "./finding";
import { inParallel } from "./in-parallel";
import { type ListedStore, labelOf, storesIn } from "./listed-store";
import { metricsOf } from "./metrics";
import { createPacedPort } from "./paced-port";
import { type SweepParts, within } from "./parts";
import { decideWork, urgencyOf, type Work } from "./plan";
import { type Swept, summaryOf } from "./summary";
import { warnOfTwins } from "./twins";
import { workOn } from "./work";

/** The most time that one store may take. */
const STORE_BUDGET_MS = 30 * SECOND_MS;
/** With less time than this no further store is begun: a renewal should not be cut off. */
const LAST_START_MS = 12 * SECOND_MS;

/**
 * Looks after the whole fleet: renews what is due, checks what is static, heals what is stuck.
 *
 * Secrets Manager is its only memory, so it may be killed at any point and overlap with itself. What one
 * run has no time for stays due, and the next run begins with it.
 */
export async function sweep(given: SweepParts): Promise<SweepResult> {
  const parts = { ...given, secrets: createPacedPort(given.secrets, given.deadline) };
  const stores = storesIn(await parts.fleet.listOwn(), parts.prefix);
  await warnOfTwins(stores, parts);
  const now = parts.clock.now();
  const queue = stores
    .map((store) => ({ store, work: decideWork(store, now) }))
    .sort(
      (one, other) => urgencyOf(one.store, one.work, now) - urgencyOf(other.store, other.work, now),
    );
  const swept: Swept[] = [];
  const left = await inParallel(queue, {
    width: parts.storesAtOnce,
    mayStart: () => parts.deadline.remainingMs() > LAST_START_MS,
    run: async ({ store, work }) => void swept.push(await sweepStore(store, work, parts)),
  });
  swept.push(...left.map(({ store, work }) => leftAlone(store, work)));
  parts.emit(encodeMetrics(metricsOf(swept, now), { prefix: parts.prefix, at: now }));
  await noteTheEnd(stores, parts);
  return summaryOf(swept);
}

/** Says on one store that a pass came to its end: nothing else shows people a schedule that was switched off. */
async function noteTheEnd(stores: readonly ListedStore[], parts: EngineParts): Promise<void> {
  const names = stores.map(({ facts }) => facts.name).sort();
  const first = stores.find(({ facts }) => facts.name === names[0]);
  if (first === undefined) return;
  await writeTags(first.secretArn, { [SWEPT_AT_TAG]: isoOf(parts.clock.now()) }, parts);
}

function leftAlone(store: ListedStore, work: Work): Swept {
  const isLeft = work.does !== "rest" && work.does !== "await";
  const { state = "ok", lastErrorCode: code } = store.status;
  return { store, finding: restedAt(store), state, code, isLeft };
}

/** One store, from what is due to what people have to hear of it. */
async function sweepStore(store: ListedStore, work: Work, parts: SweepParts): Promise<Swept> {
  const names = { store: labelOf(store), shop: store.declaration?.shop };
  const own = {
    ...parts,
    log: parts.log.with(names),
    deadline: within(parts.deadline, STORE_BUDGET_MS),
  };
  const finding = await workOn(store, work, own);
  return await report(store, finding, own);
}

/** Writes the status where it changed, and tells people where they have to hear of it. */
export async function report(
  listed: ListedStore,
  finding: Finding,
  parts: SweepParts,
): Promise<Swept> {
  const now = parts.clock.now();
  const store = finding.as === undefined ? listed : { ...finding.as, pending: listed.pending };
  const state = stateAfter(store, finding, now);
  const code = codeToTell(store, finding, now);
  const swept: Swept = { store, finding, state, code, isLeft: false };
  if (finding.did === "gone") return swept;
  sayWhatWasFound(swept, parts);
  const tags = { ...tagsToWrite(store, finding, now), ...(await noticedTags(swept, parts)) };
  if (Object.keys(tags).length > 0) await writeTags(store.secretArn, tags, parts);
  return swept;
}

function sayWhatWasFound(
  { store, finding, state }: Swept,
  { log }: Pick<EngineParts, "log">,
): void {
  const { did, code, missingScopes, isNonExpiring } = finding;
  if (did === "failed" || code === "token_dead") log.error("sweep.store", { did, code, state });
  else if (code !== undefined && code !== "") {
    log.warn("sweep.store", { did, code, state, missing_scopes: missingScopes?.join(",") });
  }
  // Shopify refuses such tokens of public apps from that day on; whether the app is public only people know.
  if (isNonExpiring === true) {
    log.warn("sweep.non_expiring_token", {
      ends_for_public_apps_at: "2027-01-01",
      next: `shopify-secrets migrate ${labelOf(store)}`,
    });
  }
}

/** Tells first and remembers afterwards: a crash in between tells twice, and never not at all. */
async function noticedTags(swept: Swept, parts: SweepParts): Promise<Record<string, string>> {
  const notice = noticeOf(swept, parts.prefix);
  if (notice === undefined) return {};
  try {
    await parts.publish(notice);
  } catch {
    parts.log.warn("sweep.notice_not_published", { state: notice.state });
    return {}; // the next sweep tells it
  }
  const { state, code } = swept;
  return { [STATUS_TAGS.noticed]: code === "" ? state : `${state} ${code}` };
}

/** What was last told is what counts: a renewal in between may have written another state. */
function noticeOf({ store, state, code }: Swept, prefix: string): Notice | undefined {
  const { key, declaration, status } = store;
  if (key === undefined || declaration === undefined) return undefined;
  // The next sweep renews it, and people hear of it only when it cannot.
  if (code === "token_dead" && state === "dead" && !isStatic(declaration.kind)) return undefined;
  const { shop, app } = declaration;
  const { noticed } = status;
  return decideNotice(
    { prefix, store: key, shop, app },
    {
      before: { state: noticed?.state, errorCode: noticed?.code || status.lastErrorCode },
      after: { state, errorCode: code },
    },
  );
}
