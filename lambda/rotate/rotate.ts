import { CodedError } from "../../contract/errors";
import { kindsThat } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import { withReserve } from "../deadline";
import { grantOf } from "../engine/grants";
import { type KnownVersion, type RotationMemory, wasJustTried } from "../engine/memory";
import { mintSuccessor } from "../engine/mint";
import type { EngineParts } from "../engine/parts";
import { PLANS } from "../engine/plans";
import { promote } from "../engine/promote";
import { renew } from "../engine/renew";
import { decidePending, decideStep, type Successor } from "../engine/rules";
import { writeRefusal, writeSuccess } from "../engine/status";
import {
  readVersionPatiently,
  recordIn,
  requireOwnSecret,
  requireSameShop,
  type Store,
  storeOf,
} from "../engine/store";
import { tryToken } from "../engine/trial";
import { readParent, storeVersion } from "../engine/versions";
import { fieldsOfError } from "../log";
import { rereadUntil } from "../retry";
import { createPatientPort } from "../secrets/patient-port";
import { createQueueingPort } from "../secrets/queueing-port";
import type { RotationEvent, RotationStep } from "./event";

/** What the rotation steps need: the engine's parts and what the steps before told this process. */
export interface RotationParts extends EngineParts {
  readonly memory: RotationMemory;
}

/** What a step did, for its log line. */
export type StepOutcome =
  | "stored"
  | "reused"
  | "nothing_to_set"
  | "works"
  | "inconclusive"
  | "promoted"
  | "already_current";

/** The kinds that Secrets Manager renews. */
const ROTATED = kindsThat(({ renewer }) => renewer === "secrets-manager");

const STEPS: Readonly<
  Record<RotationStep, (event: RotationEvent, parts: RotationParts) => Promise<StepOutcome>>
> = {
  createSecret,
  // Shopify knows the token since it granted it: there is nothing to set anywhere.
  setSecret: async () => "nothing_to_set",
  testSecret,
  finishSecret,
};

/** Runs one step of a rotation; any step may run twice, late or after a crash. */
export async function rotate(event: RotationEvent, hasty: RotationParts): Promise<StepOutcome> {
  const parts = { ...hasty, secrets: createQueueingPort(hasty.secrets, hasty) };
  requireOwnSecret(parts.prefix, event.secretArn);
  try {
    return await STEPS[event.step](event, parts);
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "unexpected";
    const isMended = error instanceof PendingDropped && (await mend(event, parts));
    if (!isMended) await writeRefusal(event.secretArn, code, parts);
    throw error;
  }
}

/** A pending value was of no use any more and lost its label: this rotation is over. */
class PendingDropped extends CodedError {}

/**
 * Renews the store at once when a rotation found that its pending value is of no use: the next one may
 * be hours away. A failure is logged and left to that one.
 */
async function mend(event: RotationEvent, parts: RotationParts): Promise<boolean> {
  try {
    await renew(event.secretArn, parts);
    return true;
  } catch (error) {
    parts.log.warn("rotation.not_mended", fieldsOfError(error));
    return false;
  }
}

async function createSecret(event: RotationEvent, parts: RotationParts): Promise<StepOutcome> {
  const store = await lookAt(event, parts);
  if (store === "already_current") return store;
  const { secretArn, versionId, rotationToken } = event;
  const known = parts.memory.recall(secretArn, versionId);
  if (known !== undefined) {
    return await reuse(event, { store, found: { versionId, record: known.record } }, parts);
  }
  let record: StoreRecord;
  try {
    record = await mintRecord(store, parts);
  } catch (failure) {
    return await reuseAfter(failure, { event, store }, parts);
  }
  const version = { versionId, record, stages: [PLANS.rotation.label], rotationToken };
  if ((await storeVersion(event.secretArn, version, parts)) === "taken") {
    return await reuseWhatIsThere(event, store, parts);
  }
  const triedAt = record.checked === "ok" ? parts.clock.now() : undefined;
  parts.memory.keep(event.secretArn, versionId, { record, triedAt });
  return "stored";
}

async function mintRecord(store: Store, parts: RotationParts): Promise<StoreRecord> {
  const parent = await readParent(store, parts);
  const order = { store, grant: grantOf(store.declaration), presented: undefined } as const;
  return await mintSuccessor({ ...order, clientSecrets: "with_previous" }, parent, parts);
}

/**
 * Takes up what an earlier delivery of the same step stored, where this one gets no token. It is not looked for before:
 * where this one gets a token too, the put tells that the version is taken.
 */
async function reuseAfter(
  failure: unknown,
  { event, store }: { readonly event: RotationEvent; readonly store: Store },
  parts: RotationParts,
): Promise<StepOutcome> {
  const secrets = parts.secrets.under(withReserve(parts.deadline));
  const found = await secrets.readVersion(event.secretArn, event.versionId).catch(() => undefined);
  if (found === undefined) throw failure;
  return await reuse(event, { store, found: recordIn(found) }, parts);
}

/** Another delivery of the same step was faster: its value is the version's. */
async function reuseWhatIsThere(
  event: RotationEvent,
  store: Store,
  parts: RotationParts,
): Promise<StepOutcome> {
  const found = await readVersionPatiently(event.secretArn, event.versionId, parts);
  if (found === undefined) throw new CodedError("pending_missing");
  return await reuse(event, { store, found }, parts);
}

async function reuse(
  event: RotationEvent,
  { store, found }: { readonly store: Store; readonly found: Successor },
  parts: RotationParts,
): Promise<StepOutcome> {
  requireSameShop(store, found.record);
  const decision = decidePending(found, store.facts, {
    now: parts.clock.now(),
    rules: parts.rules,
  });
  if (decision !== "reuse") {
    await parts.secrets.dropStage(event.secretArn, event.versionId, "AWSPENDING");
    throw new PendingDropped(decision === "drop_stale" ? "pending_stale" : "parent_moved", {
      shop: found.record.shop,
    });
  }
  parts.memory.keep(event.secretArn, found.versionId, { record: found.record, triedAt: undefined });
  return "reused";
}

/**
 * Tries the pending value.
 *
 * Secrets Manager asks for this step alone when a schedule is made, of a function whose role may be seconds old: a
 * refusal is believed when it stays, or a new store would stand there as refused until its first rotation.
 */
async function testSecret(event: RotationEvent, hasty: RotationParts): Promise<StepOutcome> {
  const awaits = "rotation.access_awaited";
  const parts = { ...hasty, secrets: createPatientPort(hasty.secrets, { ...hasty, awaits }) };
  const known = parts.memory.recall(event.secretArn, event.versionId);
  if (known !== undefined && wasJustTried(known, parts.clock.now())) return "works";
  const store = await lookAt(event, parts);
  if (store === "already_current") return store;
  const { record } = known ?? (await readPending(event, store, parts));
  try {
    const { checked } = await tryToken(store, record.accessToken, parts);
    const triedAt = parts.clock.now();
    parts.memory.keep(event.secretArn, event.versionId, { record, triedAt });
    return checked === "ok" ? "works" : "inconclusive";
  } catch (error) {
    throw await afterTrial(error, { event, store, parts }, record.parentVersion);
  }
}

/**
 * Drops a dead pending value and says so.
 *
 * Not when it is a mere copy of the current value, as Secrets Manager makes one to test a changed schedule.
 */
async function afterTrial(
  error: unknown,
  at: { readonly event: RotationEvent; readonly store: Store; readonly parts: RotationParts },
  parentVersion: string | undefined,
): Promise<unknown> {
  if (!(error instanceof CodedError) || error.code !== "token_dead") return error;
  if (parentVersion !== holderOf(at.store.facts, "AWSCURRENT")) return error;
  at.parts.memory.forget(at.event.secretArn, at.event.versionId);
  await at.parts.secrets.dropStage(at.event.secretArn, at.event.versionId, "AWSPENDING");
  return new PendingDropped("token_dead", error.facts);
}

async function finishSecret(event: RotationEvent, parts: RotationParts): Promise<StepOutcome> {
  const { secretArn, versionId } = event;
  const known = parts.memory.recall(secretArn, versionId);
  // A second delivery has to look again.
  parts.memory.forget(secretArn, versionId);
  const looked = known ?? (await lookForFinish(event, parts));
  if (looked === "already_current") return looked;
  const successor = { versionId, record: looked.record };
  if (!parts.rules.isFreshEnough(successor.record, parts.clock.now())) {
    await parts.secrets.dropStage(secretArn, versionId, "AWSPENDING");
    throw new PendingDropped("pending_stale", { shop: successor.record.shop });
  }
  const outcome = await promote({ secretArn, plan: PLANS.rotation }, successor, parts);
  await writeSuccess(secretArn, successor, parts);
  return outcome;
}

async function lookForFinish(
  event: RotationEvent,
  parts: RotationParts,
): Promise<KnownVersion | "already_current"> {
  const store = await lookAt(event, parts);
  return store === "already_current" ? store : await readPending(event, store, parts);
}

/** Looks at the secret before a step acts on it. */
async function lookAt(
  event: RotationEvent,
  parts: RotationParts,
): Promise<Store | "already_current"> {
  const { secretArn, versionId } = event;
  const facts = await rereadUntil(
    () => parts.secrets.describe(secretArn),
    (found) => found.versions.has(versionId),
    parts,
  );
  const store = storeOf(secretArn, facts, { prefix: parts.prefix, allowed: ROTATED });
  if (!facts.rotationEnabled) {
    throw new CodedError("rotation_off", { shop: store.declaration.shop });
  }
  const decision = decideStep(versionId, facts);
  if (decision.does === "skip") return "already_current";
  if (decision.does === "refuse") {
    throw new CodedError(decision.code, { shop: store.declaration.shop });
  }
  return store;
}

async function readPending(
  event: RotationEvent,
  store: Store,
  parts: RotationParts,
): Promise<KnownVersion> {
  const found = await readVersionPatiently(event.secretArn, event.versionId, parts);
  if (found === undefined) {
    throw new CodedError("pending_missing", { shop: store.declaration.shop });
  }
  requireSameShop(store, found.record);
  return { record: found.record, triedAt: undefined };
}
