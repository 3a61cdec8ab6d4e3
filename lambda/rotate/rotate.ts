import { CodedError } from "../../contract/errors";
import { kindsThat } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { withReserve } from "../deadline";
import { checkToken } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { grantOf } from "../engine/grants";
import { type KnownVersion, type RotationMemory, wasJustChecked } from "../engine/memory";
import { obtainSuccessor } from "../engine/obtain";
import { PLANS } from "../engine/plans";
import { promote } from "../engine/promote";
import { renew } from "../engine/renew";
import { decideReuse, decideStep } from "../engine/rules";
import { writeRefusal, writeSuccess } from "../engine/status";
import {
  readVersionPatiently,
  recordIn,
  requireOwnSecret,
  requireSameShop,
  type Store,
  storeOf,
} from "../engine/store";
import type { Successor } from "../engine/successor";
import { readParent, storeVersion } from "../engine/versions";
import { fieldsOfError } from "../log";
import { rereadUntil } from "../retry";
import { createQueueingPort } from "../secrets/queueing-port";
import { createRetryingPort } from "../secrets/retrying-port";
import type { RotationEvent, RotationStep } from "./event";

/** What the rotation steps need: the engine's dependencies and what the steps before told this process. */
export interface RotationDeps extends EngineDeps {
  readonly memory: RotationMemory;
}

/** What a step did, for its log line. */
export type StepOutcome =
  | "stored"
  | "reused"
  | "nothing_to_set"
  | "nothing_to_test"
  | "works"
  | "inconclusive"
  | "promoted"
  | "already_current";

/** The kinds that Secrets Manager renews. */
const ROTATED = kindsThat(({ renewer }) => renewer === "secrets-manager");

const STEPS: Readonly<
  Record<RotationStep, (event: RotationEvent, deps: RotationDeps) => Promise<StepOutcome>>
> = {
  createSecret,
  // Shopify knows the token since it granted it: there is nothing to set anywhere.
  setSecret: async () => "nothing_to_set",
  testSecret,
  finishSecret,
};

/** Runs one step of a rotation; any step may run twice, late or after a crash. */
export async function rotate(event: RotationEvent, hasty: RotationDeps): Promise<StepOutcome> {
  const deps = { ...hasty, secrets: createQueueingPort(hasty.secrets, hasty) };
  requireOwnSecret(deps.prefix, event.secretArn);
  try {
    return await STEPS[event.step](event, deps);
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "unexpected";
    const isMended = error instanceof PendingDropped && (await renewNow(event, deps));
    if (!isMended) await writeRefusal(event.secretArn, code, deps);
    throw error;
  }
}

/** A pending value was of no use any more and lost its label: this rotation is over. */
class PendingDropped extends CodedError {}

/**
 * Renews the store at once when a rotation found that its pending value is of no use: the next one may
 * be hours away. A failure is logged and left to that one.
 */
async function renewNow(event: RotationEvent, deps: RotationDeps): Promise<boolean> {
  try {
    await renew(event.secretArn, deps);
    return true;
  } catch (error) {
    deps.log.warn("rotation.not_mended", fieldsOfError(error));
    return false;
  }
}

async function createSecret(event: RotationEvent, deps: RotationDeps): Promise<StepOutcome> {
  const store = await readStore(event, deps);
  if (store === "already_current") return store;
  const { secretArn, versionId, rotationToken } = event;
  const known = deps.memory.recall(secretArn, versionId);
  if (known !== undefined) {
    return await reuse(event, { store, found: { versionId, record: known.record } }, deps);
  }
  let record: StoreRecord;
  try {
    record = await obtainRecord(store, deps);
  } catch (failure) {
    return await reuseAfter(failure, { event, store }, deps);
  }
  const version = { versionId, record, stages: [PLANS.rotation.label], rotationToken };
  if ((await storeVersion(event.secretArn, version, deps)) === "taken") {
    return await reuseWhatIsThere(event, store, deps);
  }
  const checkedAt = record.checked === "ok" ? deps.clock.now() : undefined;
  deps.memory.keep(event.secretArn, versionId, { record, checkedAt });
  return "stored";
}

async function obtainRecord(store: Store, deps: RotationDeps): Promise<StoreRecord> {
  const parent = await readParent(store, deps);
  const order = { store, grant: grantOf(store.declaration), presented: undefined } as const;
  return await obtainSuccessor({ ...order, clientSecrets: "with_previous" }, parent, deps);
}

/**
 * Takes up what an earlier delivery of the same step stored, where this one gets no token. It is not looked for before:
 * where this one gets a token too, the put tells that the version is taken.
 */
async function reuseAfter(
  failure: unknown,
  { event, store }: { readonly event: RotationEvent; readonly store: Store },
  deps: RotationDeps,
): Promise<StepOutcome> {
  const secrets = deps.secrets.under(withReserve(deps.deadline));
  const found = await secrets.readVersion(event.secretArn, event.versionId).catch(() => undefined);
  if (found === undefined) throw failure;
  return await reuse(event, { store, found: recordIn(found) }, deps);
}

/** Another delivery of the same step was faster: its value is the version's. */
async function reuseWhatIsThere(
  event: RotationEvent,
  store: Store,
  deps: RotationDeps,
): Promise<StepOutcome> {
  const found = await readVersionPatiently(event.secretArn, event.versionId, deps);
  if (found === undefined) throw new CodedError("pending_missing");
  return await reuse(event, { store, found }, deps);
}

async function reuse(
  event: RotationEvent,
  { store, found }: { readonly store: Store; readonly found: Successor },
  deps: RotationDeps,
): Promise<StepOutcome> {
  requireSameShop(store, found.record);
  const decision = decideReuse(found, store.facts, {
    now: deps.clock.now(),
    rules: deps.rules,
  });
  if (decision !== "reuse") {
    await deps.secrets.dropStage(event.secretArn, event.versionId, "AWSPENDING");
    throw new PendingDropped(decision === "drop_stale" ? "pending_stale" : "parent_moved", {
      shop: found.record.shop,
    });
  }
  deps.memory.keep(event.secretArn, found.versionId, {
    record: found.record,
    checkedAt: undefined,
  });
  return "reused";
}

/**
 * Tries the pending value.
 *
 * Secrets Manager asks for this step alone when a schedule is made, of a function whose role may be seconds old: a
 * refusal is believed when it stays, or a new store would stand there as refused until its first rotation.
 */
async function testSecret(event: RotationEvent, hasty: RotationDeps): Promise<StepOutcome> {
  const awaits = "rotation.access_awaited";
  const deps = { ...hasty, secrets: createRetryingPort(hasty.secrets, { ...hasty, awaits }) };
  const known = deps.memory.recall(event.secretArn, event.versionId);
  if (known !== undefined && wasJustChecked(known, deps.clock.now())) return "works";
  const store = await readStore(event, deps);
  if (store === "already_current") return store;
  const pending = known ?? (await readPendingIn(event, store, deps));
  if (pending === undefined) return "nothing_to_test";
  const { record } = pending;
  try {
    const { checked } = await checkToken(store, record.accessToken, deps);
    const checkedAt = deps.clock.now();
    deps.memory.keep(event.secretArn, event.versionId, { record, checkedAt });
    return checked === "ok" ? "works" : "inconclusive";
  } catch (error) {
    throw await afterTrial(error, { event, store, deps }, record.parentVersion);
  }
}

/** The pending value; undefined: a schedule is tested whose store waits for its first value, and has none to copy. */
async function readPendingIn(
  event: RotationEvent,
  store: Store,
  deps: RotationDeps,
): Promise<KnownVersion | undefined> {
  try {
    return await readPending(event, store, deps);
  } catch (error) {
    const isMissing = error instanceof CodedError && error.code === "pending_missing";
    if (isMissing && holderOf(store.facts, "AWSCURRENT") === undefined) return undefined;
    throw error;
  }
}

/**
 * Drops a dead pending value and says so.
 *
 * Not when it is a mere copy of the current value, as Secrets Manager makes one to test a changed schedule.
 */
async function afterTrial(
  error: unknown,
  at: { readonly event: RotationEvent; readonly store: Store; readonly deps: RotationDeps },
  parentVersion: string | undefined,
): Promise<unknown> {
  if (!(error instanceof CodedError) || error.code !== "token_dead") return error;
  if (parentVersion !== holderOf(at.store.facts, "AWSCURRENT")) return error;
  at.deps.memory.forget(at.event.secretArn, at.event.versionId);
  await at.deps.secrets.dropStage(at.event.secretArn, at.event.versionId, "AWSPENDING");
  return new PendingDropped("token_dead", error.facts);
}

async function finishSecret(event: RotationEvent, deps: RotationDeps): Promise<StepOutcome> {
  const { secretArn, versionId } = event;
  const known = deps.memory.recall(secretArn, versionId);
  // A second delivery has to look again.
  deps.memory.forget(secretArn, versionId);
  const looked = known ?? (await lookForFinish(event, deps));
  if (looked === "already_current") return looked;
  const successor = { versionId, record: looked.record };
  if (!deps.rules.isFreshEnough(successor.record, deps.clock.now())) {
    await deps.secrets.dropStage(secretArn, versionId, "AWSPENDING");
    throw new PendingDropped("pending_stale", { shop: successor.record.shop });
  }
  const outcome = await promote({ secretArn, plan: PLANS.rotation }, successor, deps);
  await writeSuccess(secretArn, successor, deps);
  return outcome;
}

async function lookForFinish(
  event: RotationEvent,
  deps: RotationDeps,
): Promise<KnownVersion | "already_current"> {
  const store = await readStore(event, deps);
  return store === "already_current" ? store : await readPending(event, store, deps);
}

/** Looks at the secret before a step acts on it. */
async function readStore(
  event: RotationEvent,
  deps: RotationDeps,
): Promise<Store | "already_current"> {
  const { secretArn, versionId } = event;
  const facts = await rereadUntil(
    () => deps.secrets.describe(secretArn),
    (found) => found.versions.has(versionId),
    deps,
  );
  const store = storeOf(secretArn, facts, { prefix: deps.prefix, allowed: ROTATED });
  if (!facts.rotationEnabled) {
    throw new CodedError("rotation_off", { shop: store.declaration.shop });
  }
  const decision = decideStep(versionId, facts);
  if (decision.action === "skip") return "already_current";
  if (decision.action === "refuse") {
    throw new CodedError(decision.code, { shop: store.declaration.shop });
  }
  return store;
}

async function readPending(
  event: RotationEvent,
  store: Store,
  deps: RotationDeps,
): Promise<KnownVersion> {
  const found = await readVersionPatiently(event.secretArn, event.versionId, deps);
  if (found === undefined) {
    throw new CodedError("pending_missing", { shop: store.declaration.shop });
  }
  requireSameShop(store, found.record);
  return { record: found.record, checkedAt: undefined };
}
