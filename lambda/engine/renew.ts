import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { kindsThat } from "../../contract/kinds";
import type { Checked, StoreRecord } from "../../contract/record";
import { overhear } from "../shopify/overhear";
import { otherRecords, type Rescued, recoverChain } from "./chain";
import { grantOf } from "./grants";
import { type Line, type PendingSuccessor, pendingSuccessor } from "./line";
import { type MintOrder, mintSuccessor } from "./mint";
import type { EngineParts } from "./parts";
import { PLANS } from "./plans";
import { promote } from "./promote";
import type { Successor } from "./rules";
import { writeDeath, writeSuccess } from "./status";
import { requireOwnSecret, type Store, storeOf } from "./store";
import { storeSuccessor } from "./store-successor";
import { tryToken } from "./trial";
import { readParent } from "./versions";

/** What a direct renewal did. */
export interface Renewal {
  readonly outcome: "promoted" | "already_current";
  readonly versionId: VersionId;
  readonly record: StoreRecord;
  /** What the trial before the promotion said. */
  readonly checked: Checked;
}

/** A successor and what its trial said. */
interface Tried extends Successor {
  readonly checked: Checked;
}

const RENEWABLE = kindsThat(({ renewer }) => renewer !== "nobody");
/** How many links of a refresh chain one renewal may take up again. */
const MOST_LINKS = 3;

/**
 * Renews a store's access token without Secrets Manager's rotation: for tokens that live too shortly
 * for its schedules, and as the second line behind them. The caller decides whether it is time.
 *
 * Overlapping renewals converge on one version, and a crash at any point is mended by the next call.
 */
export async function renew(secretArn: SecretArn, parts: EngineParts): Promise<Renewal> {
  requireOwnSecret(parts.prefix, secretArn);
  const leftMs = parts.deadline.remainingMs();
  const { send, facts } = overhear(parts.send);
  const renewal = await renewLink(secretArn, { ...parts, send }, MOST_LINKS);
  const { versionId, outcome, checked } = renewal;
  parts.log.info("rotation.promoted", {
    version_id: versionId,
    outcome,
    checked,
    ...facts(),
    duration_ms: Math.round(leftMs - parts.deadline.remainingMs()),
  });
  return renewal;
}

/** Renews one link of the chain, or more where it has to be taken up again. */
async function renewLink(
  secretArn: SecretArn,
  parts: EngineParts,
  links: number,
): Promise<Renewal> {
  const line = await lookAt(secretArn, parts);
  const pending = await pendingSuccessor(line, parts);
  const usable = pending && (await takeUp(line, pending, parts));
  if (usable !== undefined) return await finish(line, usable, parts);
  try {
    return await finish(line, await makeSuccessor(line, pending, parts), parts);
  } catch (error) {
    return await goOnFrom(
      line.store,
      { rescued: await recoverChain(line, error, parts), links },
      parts,
    );
  }
}

/** A rescue ends with a token that works or with a failure: what was rescued may be dead, or old. */
async function goOnFrom(
  { secretArn, declaration }: Store,
  { rescued, links }: { readonly rescued: Rescued; readonly links: number },
  parts: EngineParts,
): Promise<Renewal> {
  const { versionId, record, checked } = rescued;
  const isDead = checked === "token_dead";
  if (isDead) await writeDeath(secretArn, rescued, parts);
  else await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, parts);
  const isLast = links <= 1;
  if (isDead && isLast) throw new CodedError("token_dead", { shop: declaration.shop });
  if (!isDead && (isLast || parts.rules.isFreshEnough(record, parts.clock.now()))) {
    return { outcome: "promoted", versionId, record, checked };
  }
  return await renewLink(secretArn, parts, links - 1);
}

async function lookAt(secretArn: SecretArn, parts: EngineParts): Promise<Line> {
  const facts = await parts.secrets.describe(secretArn);
  const store = storeOf(secretArn, facts, { prefix: parts.prefix, allowed: RENEWABLE });
  return { store, parent: await readParent(store, parts) };
}

/** Tries a pending successor; undefined when a new one has to be made in its place. */
async function takeUp(
  line: Line,
  pending: Successor,
  parts: EngineParts,
): Promise<Tried | undefined> {
  if (!parts.rules.isFreshEnough(pending.record, parts.clock.now())) return undefined;
  try {
    return await tryIt(line, pending, parts);
  } catch (error) {
    const isDead = error instanceof CodedError && error.code === "token_dead";
    // It stays pending until there is another: the next attempt must know of it.
    if (isDead && parts.rules.mayAddVersion(pending.record, parts.clock.now())) return undefined;
    throw error;
  }
}

async function tryIt(line: Line, successor: Successor, parts: EngineParts): Promise<Tried> {
  const { checked } = await tryToken(line.store, successor.record.accessToken, parts);
  return { ...successor, checked };
}

async function makeSuccessor(
  line: Line,
  pending: PendingSuccessor | undefined,
  parts: EngineParts,
): Promise<Tried> {
  const { store, parent } = line;
  requireSpacing(pending?.record ?? parent.record, parts);
  const grant = grantOf(store.declaration);
  const presented = parent.record && parts.rules.presents(parent.record, pending);
  const order = { store, grant, presented, clientSecrets: "with_previous" } as const;
  const record = await mintAlong(line, order, parts);
  const firstAttempt = pending === undefined ? 0 : pending.attempt + 1;
  return await storeAndTry(line, { record, firstAttempt }, parts);
}

/** Mints with the presented record's refresh token, or with another one of the store's when that is truly refused. */
async function mintAlong(line: Line, order: MintOrder, parts: EngineParts): Promise<StoreRecord> {
  try {
    return await mintSuccessor(order, line.parent, parts);
  } catch (failure) {
    for await (const presented of otherRecords(line, failure, parts)) {
      const record = await mintUnlessRefused({ ...order, presented }, line, parts);
      if (record !== undefined) return record;
    }
    throw failure; // the newest refusal is the one that is reported
  }
}

/** Undefined: the presented refresh token is refused. Every other failure leaves the chain to the next attempt. */
async function mintUnlessRefused(
  order: MintOrder,
  { parent }: Line,
  parts: EngineParts,
): Promise<StoreRecord | undefined> {
  try {
    return await mintSuccessor(order, parent, parts);
  } catch (error) {
    if (error instanceof CodedError && error.code === "refresh_token_dead") return undefined;
    throw error;
  }
}

function requireSpacing(newest: StoreRecord | undefined, parts: EngineParts): void {
  if (newest === undefined || parts.rules.mayAddVersion(newest, parts.clock.now())) return;
  throw new CodedError("version_budget_spent", { shop: newest.shop });
}

/** Stores a successor, or joins the renewal that was faster, and tries what there is. */
async function storeAndTry(
  line: Line,
  made: { readonly record: StoreRecord; readonly firstAttempt: number },
  parts: EngineParts,
): Promise<Tried> {
  const stored = await storeSuccessor({ store: line.store, plan: PLANS.renewal }, made, parts);
  const { checked } = stored.record;
  // A token that can be asked for again was tried before it was stored.
  if (stored.isOwn && checked !== "untried") return { ...stored, checked };
  return await tryIt(line, stored, parts);
}

async function finish(line: Line, successor: Tried, parts: EngineParts): Promise<Renewal> {
  const { secretArn } = line.store;
  const { versionId, record, checked } = successor;
  const outcome = await promote({ secretArn, plan: PLANS.renewal }, successor, parts);
  await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, parts);
  return { outcome, versionId, record, checked };
}
