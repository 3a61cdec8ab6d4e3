import type { SecretArn, VersionId } from "../../contract/brands";
import { adviceRow, CodedError } from "../../contract/errors";
import { isSigned, kindsThat } from "../../contract/kinds";
import type { Checked, StoreRecord } from "../../contract/record";
import { fieldsOfError } from "../log";
import { recordCalls } from "../shopify/record-calls";
import { readApp } from "./app-secret";
import { checkToken } from "./check-token";
import type { EngineDeps } from "./deps";
import { grantOf, refreshToken } from "./grants";
import { type Lineage, type PendingSuccessor, pendingSuccessor } from "./lineage";
import { type ObtainOrder, obtainSuccessor } from "./obtain";
import { PLANS } from "./plans";
import { promote } from "./promote";
import { otherRecords, type Rescued, recoverLineage } from "./recover";
import { pairBefore } from "./relatives";
import { hasEnded } from "./rules";
import { outlivesTheSpacing, requireSpacing, unspaced, workedForItsSpacing } from "./spacing";
import { writeDeath, writeSuccess } from "./status";
import { requireOwnSecret, storeOf } from "./store";
import { storeSuccessor } from "./store-successor";
import type { Successor } from "./successor";
import { readParent } from "./versions";

/** What a direct renewal did. */
export interface Renewal {
  readonly outcome: "promoted" | "already_current";
  readonly versionId: VersionId;
  readonly record: StoreRecord;
  /** What the check before the promotion said. */
  readonly checked: Checked;
}

/** A successor and what its check said. */
interface CheckedSuccessor extends Successor {
  readonly checked: Checked;
}

const RENEWABLE = kindsThat(({ renewer }) => renewer !== "nobody");
/** How many links of a refresh chain one renewal may take up again. */
const MOST_GENERATIONS = 3;

/**
 * Renews a store's access token without Secrets Manager's rotation: for tokens that live too shortly
 * for its schedules, and as the second line behind them. The caller decides whether it is time.
 *
 * Overlapping renewals converge on one version, and a crash at any point is mended by the next call.
 */
export async function renew(secretArn: SecretArn, deps: EngineDeps): Promise<Renewal> {
  requireOwnSecret(deps.prefix, secretArn);
  const leftMs = deps.deadline.remainingMs();
  const { send, facts } = recordCalls(deps.send);
  const renewal = await renewGeneration(secretArn, { ...deps, send }, MOST_GENERATIONS);
  const { versionId, outcome, checked } = renewal;
  deps.log.info("rotation.promoted", {
    version_id: versionId,
    outcome,
    checked,
    ...facts(),
    duration_ms: Math.round(leftMs - deps.deadline.remainingMs()),
  });
  return renewal;
}

/** Renews one link of the lineage, or more where it has to be taken up again. */
async function renewGeneration(
  secretArn: SecretArn,
  deps: EngineDeps,
  links: number,
): Promise<Renewal> {
  const lineage = await readLineage(secretArn, deps);
  const pending = await pendingSuccessor(lineage, deps);
  try {
    const usable = pending && (await usePending(lineage, pending, deps));
    const renewal = await finish(
      lineage,
      usable ?? (await makeSuccessor(lineage, pending, deps)),
      deps,
    );
    return await goOnWhereItEnds(lineage, { renewal, links }, deps);
  } catch (error) {
    return await continueFrom(
      lineage,
      { rescued: await recoverLineage(lineage, error, deps), links },
      deps,
    );
  }
}

/**
 * A refresh whose reply was lost may be answered with the pair of then, when that has minutes left: its own refresh
 * token brings a whole hour, and it is AWSCURRENT now.
 */
async function goOnWhereItEnds(
  lineage: Lineage,
  { renewal, links }: { readonly renewal: Renewal; readonly links: number },
  deps: EngineDeps,
): Promise<Renewal> {
  const { secretArn } = lineage.store;
  const isLast = links <= 1 || !workedForItsSpacing(lineage);
  if (isLast || outlivesTheSpacing(renewal.record, deps)) return renewal;
  try {
    return await renewGeneration(secretArn, unspaced(deps), links - 1);
  } catch (error) {
    // It works for now, and the next sweeps try again.
    deps.log.warn("rotation.short_pair_not_renewed", fieldsOfError(error));
    return renewal;
  }
}

/** A rescue ends with a token that works or with a failure: what was rescued may be dead, or old. */
async function continueFrom(
  lineage: Lineage,
  { rescued, links }: { readonly rescued: Rescued; readonly links: number },
  deps: EngineDeps,
): Promise<Renewal> {
  const { secretArn, declaration } = lineage.store;
  const { versionId, record, checked } = rescued;
  const isDead = checked === "token_dead";
  if (isDead) await writeDeath(secretArn, rescued, deps);
  else await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, deps);
  const isLast = links <= 1;
  if (isDead && isLast) throw new CodedError("token_dead", { shop: declaration.shop });
  const isFresh = deps.rules.isFreshEnough(record, deps.clock.now());
  const isShort = !outlivesTheSpacing(record, deps);
  if (!isDead && (isLast || (isFresh && !isShort))) {
    return { outcome: "promoted", versionId, record, checked };
  }
  const isPaidFor = (isDead || isShort) && workedForItsSpacing(lineage);
  return await renewGeneration(secretArn, isPaidFor ? unspaced(deps) : deps, links - 1);
}

async function readLineage(secretArn: SecretArn, deps: EngineDeps): Promise<Lineage> {
  const facts = await deps.secrets.describe(secretArn);
  const store = storeOf(secretArn, facts, { prefix: deps.prefix, allowed: RENEWABLE });
  return { store, parent: await readParent(store, deps) };
}

/** Tries a pending successor; undefined when a new one has to be made in its place. */
async function usePending(
  lineage: Lineage,
  pending: Successor,
  deps: EngineDeps,
): Promise<CheckedSuccessor | undefined> {
  const now = deps.clock.now();
  const mayAdd = deps.rules.mayAddVersion(pending.record, now);
  // Nothing can be made in its place yet, and it has ended: its refresh token is what is left of it.
  if (!mayAdd && hasEnded(pending.record, now)) {
    throw new CodedError("token_dead", { shop: pending.record.shop });
  }
  if (!deps.rules.isFreshEnough(pending.record, now)) return undefined;
  try {
    return await checkSuccessor(lineage, pending, deps);
  } catch (error) {
    const isDead = error instanceof CodedError && error.code === "token_dead";
    // It stays pending until there is another: the next attempt must know of it.
    if (isDead && mayAdd) return undefined;
    throw error;
  }
}

async function checkSuccessor(
  lineage: Lineage,
  successor: Successor,
  deps: EngineDeps,
): Promise<CheckedSuccessor> {
  const { checked } = await checkToken(lineage.store, successor.record.accessToken, deps);
  return { ...successor, checked };
}

async function makeSuccessor(
  lineage: Lineage,
  pending: PendingSuccessor | undefined,
  deps: EngineDeps,
): Promise<CheckedSuccessor> {
  const { store, parent } = lineage;
  await requireSpacing(lineage, pending, deps);
  const grant = grantOf(store.declaration);
  const presented = parent.record && deps.rules.presents(parent.record, pending);
  const order = { store, grant, presented, clientSecrets: "with_previous" } as const;
  const record = await obtainAlong(lineage, order, deps).catch((failure: unknown) =>
    obtainAsBefore(lineage, { ...order, failure }, deps),
  );
  const firstAttempt = pending === undefined ? 0 : pending.attempt + 1;
  return await storeAndCheck(lineage, { record, firstAttempt }, deps);
}

/**
 * A pair that the store had before its app signed goes on where the key gets nothing: until the key has taken its place,
 * and for some renewals more. The token would end within the hour.
 *
 * @throws the refusal of the key, where there is no such pair, or it is refused too
 */
async function obtainAsBefore(
  lineage: Lineage,
  { failure, ...order }: ObtainOrder & { readonly failure: unknown },
  deps: EngineDeps,
): Promise<StoreRecord> {
  const { declaration } = lineage.store;
  const { app } = declaration;
  const isOfKey = failure instanceof CodedError && adviceRow(failure.code).ofClientProof;
  const isProof = deps.proving !== undefined;
  if (isProof || !isOfKey || app === undefined || !isSigned(declaration)) throw failure;
  const presented = await pairBefore(lineage, deps);
  if (presented === undefined) throw failure;
  const asBefore = { ...order, presented, grant: refreshToken };
  const record = await obtainAlong(lineage, asBefore, deps).catch(() => {
    throw failure;
  });
  deps.log.warn("rotation.grant_before", { code: failure.code });
  deps.credentials.noteRefused(await readApp(app, deps), failure.code);
  // It was not got by what config names: the next enrolment tries again.
  return { ...record, appSecretVersion: undefined };
}

/** Obtains with the presented record's refresh token, or with another one of the store's when that is truly refused. */
async function obtainAlong(
  lineage: Lineage,
  order: ObtainOrder,
  deps: EngineDeps,
): Promise<StoreRecord> {
  try {
    return await obtainSuccessor(order, lineage.parent, deps);
  } catch (failure) {
    for await (const presented of otherRecords(lineage, failure, deps)) {
      const record = await obtainUnlessRefused({ ...order, presented }, lineage, deps);
      if (record !== undefined) return record;
    }
    throw failure; // the newest refusal is the one that is reported
  }
}

/** Undefined: the presented refresh token is refused. Every other failure leaves the lineage to the next attempt. */
async function obtainUnlessRefused(
  order: ObtainOrder,
  { parent }: Lineage,
  deps: EngineDeps,
): Promise<StoreRecord | undefined> {
  try {
    return await obtainSuccessor(order, parent, deps);
  } catch (error) {
    if (error instanceof CodedError && error.code === "refresh_token_dead") return undefined;
    throw error;
  }
}

/** Stores a successor, or joins the renewal that was faster, and tries what there is. */
async function storeAndCheck(
  lineage: Lineage,
  made: { readonly record: StoreRecord; readonly firstAttempt: number },
  deps: EngineDeps,
): Promise<CheckedSuccessor> {
  const stored = await storeSuccessor({ store: lineage.store, plan: PLANS.renewal }, made, deps);
  const { checked } = stored.record;
  // A token that can be asked for again was tried before it was stored.
  if (stored.isOwn && checked !== "untried") return { ...stored, checked };
  return await checkSuccessor(lineage, stored, deps);
}

async function finish(
  lineage: Lineage,
  successor: CheckedSuccessor,
  deps: EngineDeps,
): Promise<Renewal> {
  const { secretArn } = lineage.store;
  const { versionId, record, checked } = successor;
  const outcome = await promote({ secretArn, plan: PLANS.renewal }, successor, deps);
  await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, deps);
  return { outcome, versionId, record, checked };
}
