import type { VersionId } from "../../contract/brands";
import { kindFactsOf } from "../../contract/kinds";
import { keptIn } from "../../contract/store/kept";
import type { SecretFacts } from "../../contract/store/secret-facts";
import type { StoreView } from "../../contract/store/view";
import { HOUR_MS, MINUTE_MS } from "../../contract/time";
import { checkEvenDead } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { forgetKept, keptRecord } from "../engine/kept";
import { PLANS } from "../engine/plans";
import { hasEnded } from "../engine/rules";
import { readVersionPatiently, requireSameShop, storeFor } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import type { Successor } from "../engine/successor";
import { readParent } from "../engine/versions";
import { finishPair } from "./finish-pair";
import type { StoreOutcome } from "./outcome";

/**
 * Takes up what an install or a migration stored and did not promote; undefined when that is over.
 *
 * It is the newest acquisition, so every older refresh token is dead already: there is nothing to wait
 * for, and whoever is still at work on it comes to the same end.
 */
export async function resumeInstall(
  store: StoreView,
  deps: EngineDeps,
): Promise<StoreOutcome | undefined> {
  const installing = (await storeKept(store, deps)) ?? store.installing;
  if (installing !== undefined) return await resumeOneInstall(store, installing, deps);
  const found = await pairOfCurrent(store, deps);
  if (found === undefined) return undefined;
  return await finishPair(store, found, {
    deps,
    action: "adopted",
    mayBeDead: isEndedPair(found, deps),
    plan: PLANS.migration,
  });
}

/** Makes a version of what the tags hold since the day's versions were used up; undefined: they hold nothing. */
async function storeKept(store: StoreView, deps: EngineDeps): Promise<VersionId | undefined> {
  // The list may be older than the tags' end.
  const facts = await factsOfKept(store, deps);
  const target = { ...storeFor(store), facts };
  const record = await keptRecord(target, deps);
  if (record === undefined) return undefined;
  const { versionId } = await storeSuccessor(
    { store: target, plan: PLANS.install },
    { record },
    deps,
  );
  await forgetKept(target, deps);
  deps.log.info("sweep.kept_stored", { version_id: versionId });
  return versionId;
}

async function factsOfKept(store: StoreView, { secrets }: EngineDeps): Promise<SecretFacts> {
  return keptIn(store.facts.tags) === "" ? store.facts : await secrets.describe(store.secretArn);
}

async function resumeOneInstall(
  store: StoreView,
  versionId: VersionId,
  deps: EngineDeps,
): Promise<StoreOutcome | undefined> {
  const { secretArn } = store;
  const found = await readVersionPatiently(secretArn, versionId, deps);
  const isOver = found === undefined || !(await isNewest(store, found, deps));
  const isDead = !isOver && (await isDeadForGood(store, found, deps));
  // It may have been refused by a stray answer: for some time it is looked at again, and stands in nobody's way.
  if (isDead && deps.clock.now() - found.record.issuedAt < LOOKED_AT_AGAIN_MS) return undefined;
  const outcome =
    isOver || isDead
      ? undefined
      : await finishPair(store, found, {
          deps,
          action: "adopted",
          mayBeDead: isEndedPair(found, deps),
          plan: PLANS.install,
        });
  // While it is there, the version is looked at by every sweep.
  await deps.secrets.dropStage(secretArn, versionId, PLANS.install.label);
  return outcome;
}

/** How long a dead token that an install brought is looked at again. */
const LOOKED_AT_AGAIN_MS = HOUR_MS;

/** Whether an install brought a token without an end that Shopify refuses: a migration may have exchanged it meanwhile. */
async function isDeadForGood(
  store: StoreView,
  { record }: Successor,
  deps: EngineDeps,
): Promise<boolean> {
  if (record.refreshTokenSealed !== "") return false;
  return (await checkEvenDead(storeFor(store), record.accessToken, deps)).checked === "token_dead";
}

/** How far apart the clocks of an install and of a renewal that it overtook may be. */
const AT_THE_SAME_TIME_MS = MINUTE_MS;

/** Whether an install is newer than AWSCURRENT; a label that was left behind names an old one. */
async function isNewest(store: StoreView, install: Successor, deps: EngineDeps): Promise<boolean> {
  requireSameShop(storeFor(store), install.record);
  const { record } = await readParent(storeFor(store), deps);
  if (record === undefined) return true;
  if (record.parentVersion === install.versionId) return false;
  // An approval that began before the store's migration brings the old kind of token: it takes no pair's place.
  if (record.refreshTokenSealed !== "" && install.record.refreshTokenSealed === "") return false;
  return install.record.issuedAt >= record.issuedAt - AT_THE_SAME_TIME_MS;
}

/** An access token that is past its end was good when it came; one that is not may never have been. */
function isEndedPair({ record }: Successor, { clock }: EngineDeps): boolean {
  return record.refreshTokenSealed !== "" && hasEnded(record, clock.now());
}

/** Whether the pending version may hold the only refresh token that the store has. */
export async function isPairOfCurrent(store: StoreView, deps: EngineDeps): Promise<boolean> {
  return (await pairOfCurrent(store, deps)) !== undefined;
}

/** The pending version, when it is a pair that succeeds AWSCURRENT. */
async function pairOfCurrent(store: StoreView, deps: EngineDeps): Promise<Successor | undefined> {
  const { pending, secretArn, current, declaration } = store;
  const isPair = declaration !== undefined && kindFactsOf(declaration).hasRefreshToken;
  if (!isPair || pending === undefined) return undefined;
  const found = await readVersionPatiently(secretArn, pending, deps);
  if (found === undefined) return undefined;
  const { parentVersion, refreshTokenSealed } = found.record;
  if (parentVersion !== current || refreshTokenSealed === "") return undefined;
  requireSameShop(storeFor(store), found.record);
  return found;
}
