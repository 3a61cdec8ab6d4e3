import { adviceRow, CodedError, type ErrorCode, passesByItself } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { codeOfTrial } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import { emptiedTagsOf } from "../../contract/store/kept";
import { holderOf } from "../../contract/store/secret-facts";
import { encodeStatus, STUCK_TOLD_AFTER_MS, type StatusChange } from "../../contract/store/status";
import { storeViewOf, withTags } from "../../contract/store/view";
import type { EpochMs } from "../../contract/time";
import type { EngineParts } from "../engine/parts";
import { renew } from "../engine/renew";
import type { Successor } from "../engine/rules";
import { codeOfMint, statusOfSuccess, statusOfVersion } from "../engine/status";
import { readCurrentRecord, readVersionPatiently, requireSameShop } from "../engine/store";
import { tryToken } from "../engine/trial";
import { fieldsOfError } from "../log";
import { isPairOfCurrent, takeUp } from "./adopt";
import { type Finding, restedAt, withStandingFailure } from "./finding";
import { knownExpiryOf, type ListedStore, storeFor } from "./listed-store";
import { resumeMigration } from "./migrate";
import { decideByExpiry, decidePending, decideWork, type Work } from "./plan";
import { rotationGapOf } from "./rotation-gap";

/** Does what a store needs; a failure becomes what was found, so that it never stops another store. */
export async function workOn(store: ListedStore, work: Work, parts: EngineParts): Promise<Finding> {
  try {
    const finding = await DEEDS[work.does](store, parts);
    await dropIfStuck(store, parts);
    return finding;
  } catch (error) {
    const finding = failureOf(store, error);
    return finding.did === "gone" ? finding : await seenAnew(store, finding, parts);
  }
}

/** The failure of a store as it is now: the list is older, and somebody else may have been faster. */
async function seenAnew(
  { secretArn }: ListedStore,
  finding: Finding,
  parts: EngineParts,
): Promise<Finding> {
  try {
    const facts = await parts.secrets.describe(secretArn);
    const seen = storeViewOf({ secretArn, facts }, parts.prefix);
    return { ...finding, seen, expiry: knownExpiryOf(seen) };
  } catch (error) {
    parts.log.warn("sweep.not_seen_anew", fieldsOfError(error));
    return finding;
  }
}

type Deed = (store: ListedStore, parts: EngineParts) => Promise<Finding>;

const DEEDS: Readonly<Record<Work["does"], Deed>> = {
  rest: async (store) => restedAt(store),
  await: async () => ({ did: "awaited", code: undefined, expiry: undefined }),
  refuse: async ({ secretArn }) => {
    throw new CodedError("declaration_malformed", { secretArn });
  },
  look,
  adopt,
  migrate: async (store, parts) => await resumeMigration(store, parts),
  renew: renewNow,
  check: async (store, parts) => checkRecord(store, await currentOf(store, parts), parts),
};

/** A failure as what was found. */
export function failureOf(store: ListedStore, error: unknown): Finding {
  const code = error instanceof CodedError ? error.code : "unexpected";
  const { expiry } = restedAt(store);
  const { attempt } = adviceRow(code);
  if (attempt === "gone") return { did: "gone", code: undefined, expiry: undefined };
  if (attempt === "postponed") return { did: "postponed", code: undefined, expiry, why: code };
  return { did: "failed", code, expiry, failure: fieldsOfError(error) };
}

/** Reads the value, because the tags do not speak of this version, and goes on from there. */
async function look(store: ListedStore, parts: EngineParts): Promise<Finding> {
  const current = await currentOf(store, parts).catch((error: unknown) => {
    // A renewal heals a value that is no record; where there is no renewal, a person has to.
    if (isMalformed(error) && isObtainable(store)) return undefined;
    throw error;
  });
  if (current === undefined) return await renewNow(store, parts);
  const learnt = statusIn(current);
  // What is pending is left to the caller.
  const known = { ...withTags(store, encodeStatus(learnt)), pending: undefined };
  const expiry = knownExpiryOf(known) ?? "never";
  // Nobody is known to have tried a token without an end.
  const next = expiry === "never" ? CHECK : decideByExpiry(known, expiry, parts.clock.now());
  const finding = await workOn(known, next, parts);
  return finding.written === undefined
    ? { ...finding, learnt: { ...learnt, ...finding.learnt } }
    : finding;
}

const CHECK: Work = { does: "check" };

/** What a version's own record says of it: whatever was said of an earlier version is over. */
function statusIn(current: Successor): StatusChange {
  return {
    state: "ok",
    lastErrorCode: codeOfTrial(current.record.checked),
    lastErrorAt: "never",
    refused: undefined,
    ...statusOfVersion(current),
  };
}

function isObtainable({ declaration }: ListedStore): boolean {
  return declaration !== undefined && kindFactsOf(declaration).obtainable;
}

function isMalformed(error: unknown): boolean {
  return error instanceof CodedError && error.code === "record_malformed";
}

async function currentOf(store: ListedStore, parts: EngineParts): Promise<Successor> {
  const current = await readCurrentRecord(storeFor(store), parts);
  if (current === undefined) throw new CodedError("version_unknown");
  requireSameShop(storeFor(store), current.record);
  return current;
}

async function renewNow(store: ListedStore, parts: EngineParts): Promise<Finding> {
  const { record, versionId, checked } = await renew(store.secretArn, parts);
  const missing = missingScopes(store.declaration?.scopes ?? [], record.scopes);
  const found = codeOfTrial(checked) || rotationGapOf(store, parts.clock.now());
  return {
    did: "renewed",
    code:
      codeOfMint({ record }, parts.credentials) || (missing.length > 0 ? "scope_missing" : found),
    expiry: record.expiresAt ?? "never",
    written: statusOfSuccess({ versionId, record: { ...record, checked } }, parts),
    versionId,
    appSecretVersion: record.appSecretVersion,
    scopes: record.scopes,
    missingScopes: missing,
  };
}

/** Tries the current token, and says what is missing. */
export async function checkRecord(
  store: ListedStore,
  current: Successor,
  parts: EngineParts,
): Promise<Finding> {
  const { record } = current;
  const base = {
    expiry: record.expiresAt ?? ("never" as const),
    learnt: statusOfVersion(current),
    versionId: current.versionId,
    appSecretVersion: record.appSecretVersion,
    isNonExpiring: kindFactsOf(record).migratable,
  };
  try {
    const trial = await tryToken(storeFor(store), record.accessToken, parts);
    const scopes = trial.scopes ?? record.scopes;
    const missing = missingScopes(store.declaration?.scopes ?? [], scopes);
    const drift = missing.length > 0 ? "scope_missing" : "";
    const code = trial.checked === "ok" ? drift : trial.checked;
    return { did: "checked", code, ...base, scopes, missingScopes: missing };
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "token_dead") throw error;
    return { did: "checked", code: "token_dead", ...base };
  }
}

/** Checks a store when somebody asks for it, whatever its turn. */
export async function checkNow(store: ListedStore, parts: EngineParts): Promise<Finding> {
  const now = parts.clock.now();
  const work = decideWork(store, now);
  if (work.does === "await") return await workOn(store, work, parts);
  const checked = await workOn(store, { does: "check" }, parts);
  return { ...withStandingFailure(store, checked, now), isAsked: true };
}

/** Tries the token before the current one: what a rollback would bring back. */
export async function checkPrevious(store: ListedStore, parts: EngineParts): Promise<Finding> {
  try {
    const versionId = holderOf(store.facts, "AWSPREVIOUS");
    const previous = versionId && (await readVersionPatiently(store.secretArn, versionId, parts));
    if (previous === undefined) throw new CodedError("version_unknown");
    requireSameShop(storeFor(store), previous.record);
    return await checkRecord(store, previous, parts);
  } catch (error) {
    return failureOf(store, error);
  }
}

/** Takes up what was cut off; where that is nothing any more, the store's own turn comes. */
async function adopt(store: ListedStore, parts: EngineParts): Promise<Finding> {
  const adopted = await takeUp(store, parts);
  if (adopted !== undefined) return adopted;
  const unkept = withTags(store, emptiedTagsOf(store.facts.tags));
  const without = { ...unkept, pending: undefined, installing: undefined };
  return await workOn(without, decideWork(without, parts.clock.now()), parts);
}

/** Whether a pending version that stays takes a person: no attempt will drop it, or none did for long. */
function isWorthTelling({ status }: ListedStore, code: ErrorCode, now: EpochMs): boolean {
  const { pendingSeen } = status;
  const isLong = pendingSeen !== undefined && now - pendingSeen.at > STUCK_TOLD_AFTER_MS;
  return isLong || !passesByItself(code);
}

/** Takes AWSPENDING off a version that is stuck, because it blocks every rotation. */
async function dropIfStuck(store: ListedStore, parts: EngineParts): Promise<void> {
  const { pending, secretArn } = store;
  if (pending === undefined || decidePending(store, parts.clock.now()) !== "drop") return;
  // A pair that is pending may hold the only refresh token: it is taken up, never thrown away.
  if (await isPairOfCurrent(store, parts)) return;
  try {
    await parts.secrets.dropStage(secretArn, pending, "AWSPENDING");
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "unexpected";
    if (adviceRow(code).attempt === "gone") throw error;
    parts.log.error("sweep.pending_stays", { version_id: pending, ...fieldsOfError(error) });
    if (!isWorthTelling(store, code, parts.clock.now())) return; // the next sweep tries again
    throw new CodedError("rotation_stuck", { secretArn });
  }
  parts.log.warn("sweep.pending_dropped", { version_id: pending });
}
