import type { SecretArn, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { kindsThat } from "../../contract/kinds";
import type { Checked, StoreRecord } from "../../contract/record";
import { parseStatus } from "../../contract/store/status";
import { expiryOf } from "../../contract/store/view";
import type { EpochMs } from "../../contract/time";
import { fieldsOfError } from "../log";
import { overhear } from "../shopify/overhear";
import { otherRecords, type Rescued, recoverChain } from "./chain";
import { grantOf } from "./grants";
import { type Line, type PendingSuccessor, pendingSuccessor } from "./line";
import { type MintOrder, mintSuccessor } from "./mint";
import type { EngineParts } from "./parts";
import { PLANS } from "./plans";
import { promote } from "./promote";
import { type Successor, VERSION_SPACING_MS } from "./rules";
import { writeDeath, writeSuccess } from "./status";
import { requireOwnSecret, storeOf } from "./store";
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
  try {
    const usable = pending && (await takeUp(line, pending, parts));
    const renewal = await finish(
      line,
      usable ?? (await makeSuccessor(line, pending, parts)),
      parts,
    );
    return await goOnWhereItEnds(line, { renewal, links }, parts);
  } catch (error) {
    return await goOnFrom(line, { rescued: await recoverChain(line, error, parts), links }, parts);
  }
}

/**
 * A refresh whose reply was lost may be answered with the pair of then, when that has minutes left: its own refresh
 * token brings a whole hour, and it is AWSCURRENT now.
 */
async function goOnWhereItEnds(
  line: Line,
  { renewal, links }: { readonly renewal: Renewal; readonly links: number },
  parts: EngineParts,
): Promise<Renewal> {
  const { secretArn } = line.store;
  const isLast = links <= 1 || !workedForItsSpacing(line);
  if (isLast || outlivesTheSpacing(renewal.record, parts)) return renewal;
  try {
    return await renewLink(secretArn, unspaced(parts), links - 1);
  } catch (error) {
    // It works for now, and the next sweeps try again.
    parts.log.warn("rotation.short_pair_not_renewed", fieldsOfError(error));
    return renewal;
  }
}

/** A rescue ends with a token that works or with a failure: what was rescued may be dead, or old. */
async function goOnFrom(
  line: Line,
  { rescued, links }: { readonly rescued: Rescued; readonly links: number },
  parts: EngineParts,
): Promise<Renewal> {
  const { secretArn, declaration } = line.store;
  const { versionId, record, checked } = rescued;
  const isDead = checked === "token_dead";
  if (isDead) await writeDeath(secretArn, rescued, parts);
  else await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, parts);
  const isLast = links <= 1;
  if (isDead && isLast) throw new CodedError("token_dead", { shop: declaration.shop });
  const isFresh = parts.rules.isFreshEnough(record, parts.clock.now());
  if (!isDead && (isLast || (isFresh && outlivesTheSpacing(record, parts)))) {
    return { outcome: "promoted", versionId, record, checked };
  }
  const mayHurry = isDead || !outlivesTheSpacing(record, parts);
  const isPaidFor = mayHurry && workedForItsSpacing(line);
  return await renewLink(secretArn, isPaidFor ? unspaced(parts) : parts, links - 1);
}

/** Without the usual time between two versions. */
export function unspaced(parts: EngineParts): EngineParts {
  return { ...parts, rules: { ...parts.rules, mayAddVersion: () => true } };
}

/** Whether a token lives until another version may come. */
function outlivesTheSpacing({ expiresAt }: StoreRecord, { clock }: EngineParts): boolean {
  return expiresAt === undefined || expiresAt - clock.now() >= VERSION_SPACING_MS;
}

/**
 * Whether two versions may come at once: the one before both worked for longer than the time between two, so that the
 * day's versions stay within their budget. Chains of versions that are dead or short keep their distance; of one that
 * was dead as it came the status tells the end.
 */
function workedForItsSpacing({ store: { facts }, parent: { versionId, record } }: Line): boolean {
  if (record?.expiresAt === undefined) return false;
  const told = expiryOf({ current: versionId, status: parseStatus(facts.tags) });
  const endedAt = typeof told === "number" ? Math.min(told, record.expiresAt) : record.expiresAt;
  return endedAt - record.issuedAt > VERSION_SPACING_MS;
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
  const now = parts.clock.now();
  const mayAdd = parts.rules.mayAddVersion(pending.record, now);
  // Nothing can be made in its place yet, and it has ended: its refresh token is what is left of it.
  if (!mayAdd && hasEnded(pending.record, now)) {
    throw new CodedError("token_dead", { shop: pending.record.shop });
  }
  if (!parts.rules.isFreshEnough(pending.record, now)) return undefined;
  try {
    return await tryIt(line, pending, parts);
  } catch (error) {
    const isDead = error instanceof CodedError && error.code === "token_dead";
    // It stays pending until there is another: the next attempt must know of it.
    if (isDead && mayAdd) return undefined;
    throw error;
  }
}

function hasEnded({ expiresAt }: StoreRecord, now: EpochMs): boolean {
  return expiresAt !== undefined && expiresAt <= now;
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
