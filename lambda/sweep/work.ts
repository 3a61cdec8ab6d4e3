import { adviceRow, CodedError, type ErrorCode, passesByItself } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import { codeOfCheck } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import { awaitedBy } from "../../contract/store/awaited";
import { emptiedTagsOf } from "../../contract/store/kept";
import { holderOf } from "../../contract/store/secret-facts";
import { encodeStatus, STUCK_TOLD_AFTER_MS, type StatusChange } from "../../contract/store/status";
import { knownExpiryOf, type StoreView, storeViewOf, withTags } from "../../contract/store/view";
import type { EpochMs } from "../../contract/time";
import { checkToken } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { renew } from "../engine/renew";
import { codeOfObtained, statusOfSuccess, statusOfVersion } from "../engine/status";
import {
  readCurrentRecord,
  readVersionPatiently,
  requireSameShop,
  storeFor,
} from "../engine/store";
import type { Successor } from "../engine/successor";
import { fieldsOfError } from "../log";
import { resumeMigration } from "./migrate";
import { restedAt, type StoreOutcome, withStandingFailure } from "./outcome";
import { decideByExpiry, decidePending, decideWork, type Work } from "./plan";
import { isPairOfCurrent, resumeInstall } from "./resume-install";
import { rotationGapOf } from "./rotation-gap";

/** Does what a store needs; a failure becomes what was found, so that it never stops another store. */
export async function workOn(
  store: StoreView,
  work: Work,
  deps: EngineDeps,
): Promise<StoreOutcome> {
  try {
    const outcome = await ACTIONS[work.action](store, deps);
    await dropIfStuck(store, deps);
    return outcome;
  } catch (error) {
    const outcome = failureOf(store, error);
    return outcome.action === "gone" ? outcome : await seenAnew(store, outcome, deps);
  }
}

/** The failure of a store as it is now: the list is older, and somebody else may have been faster. */
async function seenAnew(
  { secretArn }: StoreView,
  outcome: StoreOutcome,
  deps: EngineDeps,
): Promise<StoreOutcome> {
  try {
    const facts = await deps.secrets.describe(secretArn);
    const seen = storeViewOf({ secretArn, facts }, deps.prefix);
    return { ...outcome, seen, expiry: knownExpiryOf(seen) };
  } catch (error) {
    deps.log.warn("sweep.not_seen_anew", fieldsOfError(error));
    return outcome;
  }
}

type Action = (store: StoreView, deps: EngineDeps) => Promise<StoreOutcome>;

const ACTIONS: Readonly<Record<Work["action"], Action>> = {
  rest: async (store) => restedAt(store),
  await: async () => ({ action: "awaited", code: undefined, expiry: undefined }),
  refuse: async ({ secretArn }) => {
    throw new CodedError("declaration_malformed", { secretArn });
  },
  look,
  adopt,
  migrate: async (store, deps) => await resumeMigration(store, deps),
  renew: renewNow,
  check: async (store, deps) => checkRecord(store, await currentOf(store, deps), deps),
};

/** A failure as what was found. */
export function failureOf(store: StoreView, error: unknown): StoreOutcome {
  const code = error instanceof CodedError ? error.code : "unexpected";
  const { expiry } = restedAt(store);
  if (isStillAwaited(store, code)) return { action: "awaited", code, expiry: undefined };
  const { attempt } = adviceRow(code);
  if (attempt === "gone") return { action: "gone", code: undefined, expiry: undefined };
  if (attempt === "postponed") return { action: "postponed", code: undefined, expiry, why: code };
  return { action: "failed", code, expiry, failure: fieldsOfError(error) };
}

function isStillAwaited({ current, declaration }: StoreView, code: ErrorCode): boolean {
  if (current !== undefined || declaration === undefined) return false;
  return awaitedBy(declaration, code) !== undefined;
}

/** Reads the value, because the tags do not speak of this version, and goes on from there. */
async function look(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  const current = await currentOf(store, deps).catch((error: unknown) => {
    // A renewal heals a value that is no record; where there is no renewal, a person has to.
    if (isMalformed(error) && isObtainable(store)) return undefined;
    throw error;
  });
  if (current === undefined) return await renewNow(store, deps);
  const learnt = statusIn(current);
  // What is pending is left to the caller.
  const known = { ...withTags(store, encodeStatus(learnt)), pending: undefined };
  const expiry = knownExpiryOf(known) ?? "never";
  // Nobody is known to have tried a token without an end.
  const next = expiry === "never" ? CHECK : decideByExpiry(known, expiry, deps.clock.now());
  const outcome = await workOn(known, next, deps);
  return outcome.written === undefined
    ? { ...outcome, learnt: { ...learnt, ...outcome.learnt } }
    : outcome;
}

const CHECK: Work = { action: "check" };

/** What a version's own record says of it: whatever was said of an earlier version is over. */
function statusIn(current: Successor): StatusChange {
  return {
    state: "ok",
    lastErrorCode: codeOfCheck(current.record.checked),
    lastErrorAt: "never",
    refused: undefined,
    ...statusOfVersion(current),
  };
}

function isObtainable({ declaration }: StoreView): boolean {
  return declaration !== undefined && kindFactsOf(declaration).obtainable;
}

function isMalformed(error: unknown): boolean {
  return error instanceof CodedError && error.code === "record_malformed";
}

async function currentOf(store: StoreView, deps: EngineDeps): Promise<Successor> {
  const current = await readCurrentRecord(storeFor(store), deps);
  if (current === undefined) throw new CodedError("version_unknown");
  requireSameShop(storeFor(store), current.record);
  return current;
}

async function renewNow(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  const { record, versionId, checked } = await renew(store.secretArn, deps);
  const missing = missingScopes(store.declaration?.scopes ?? [], record.scopes);
  const found = codeOfCheck(checked) || rotationGapOf(store, deps.clock.now());
  return {
    action: "renewed",
    code:
      codeOfObtained({ record }, deps.credentials) ||
      (missing.length > 0 ? "scope_missing" : found),
    expiry: record.expiresAt ?? "never",
    written: statusOfSuccess({ versionId, record: { ...record, checked } }, deps),
    versionId,
    appSecretVersion: record.appSecretVersion,
    scopes: record.scopes,
    missingScopes: missing,
  };
}

/** Tries the current token, and says what is missing. */
export async function checkRecord(
  store: StoreView,
  current: Successor,
  deps: EngineDeps,
): Promise<StoreOutcome> {
  const { record } = current;
  const base = {
    expiry: record.expiresAt ?? ("never" as const),
    learnt: statusOfVersion(current),
    versionId: current.versionId,
    appSecretVersion: record.appSecretVersion,
    isNonExpiring: kindFactsOf(record).migratable,
  };
  try {
    const check = await checkToken(storeFor(store), record.accessToken, deps);
    const scopes = check.scopes ?? record.scopes;
    const missing = missingScopes(store.declaration?.scopes ?? [], scopes);
    const drift = missing.length > 0 ? "scope_missing" : "";
    const code = check.checked === "ok" ? drift : check.checked;
    return { action: "checked", code, ...base, scopes, missingScopes: missing };
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "token_dead") throw error;
    return { action: "checked", code: "token_dead", ...base };
  }
}

/** Checks a store when somebody asks for it, whatever its turn. */
export async function checkNow(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  const now = deps.clock.now();
  const work = decideWork(store, now);
  if (work.action === "await") return await workOn(store, work, deps);
  const checked = await workOn(store, { action: "check" }, deps);
  return { ...withStandingFailure(store, checked, now), isAsked: true };
}

/** Tries the token before the current one: what a rollback would bring back. */
export async function checkPrevious(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  try {
    const versionId = holderOf(store.facts, "AWSPREVIOUS");
    const previous = versionId && (await readVersionPatiently(store.secretArn, versionId, deps));
    if (previous === undefined) throw new CodedError("version_unknown");
    requireSameShop(storeFor(store), previous.record);
    return await checkRecord(store, previous, deps);
  } catch (error) {
    return failureOf(store, error);
  }
}

/** Takes up what was cut off; where that is nothing any more, the store's own turn comes. */
async function adopt(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  const adopted = await resumeInstall(store, deps);
  if (adopted !== undefined) return adopted;
  const unkept = withTags(store, emptiedTagsOf(store.facts.tags));
  const without = { ...unkept, pending: undefined, installing: undefined };
  return await workOn(without, decideWork(without, deps.clock.now()), deps);
}

/** Whether a pending version that stays takes a person: no attempt will drop it, or none did for long. */
function isWorthTelling({ status }: StoreView, code: ErrorCode, now: EpochMs): boolean {
  const { pendingSeen } = status;
  const isLong = pendingSeen !== undefined && now - pendingSeen.at > STUCK_TOLD_AFTER_MS;
  return isLong || !passesByItself(code);
}

/** Takes AWSPENDING off a version that is stuck, because it blocks every rotation. */
async function dropIfStuck(store: StoreView, deps: EngineDeps): Promise<void> {
  const { pending, secretArn } = store;
  if (pending === undefined || decidePending(store, deps.clock.now()) !== "drop") return;
  // A pair that is pending may hold the only refresh token: it is taken up, never thrown away.
  if (await isPairOfCurrent(store, deps)) return;
  try {
    await deps.secrets.dropStage(secretArn, pending, "AWSPENDING");
  } catch (error) {
    const code = error instanceof CodedError ? error.code : "unexpected";
    if (adviceRow(code).attempt === "gone") throw error;
    deps.log.error("sweep.pending_stays", { version_id: pending, ...fieldsOfError(error) });
    if (!isWorthTelling(store, code, deps.clock.now())) return; // the next sweep tries again
    throw new CodedError("rotation_stuck", { secretArn });
  }
  deps.log.warn("sweep.pending_dropped", { version_id: pending });
}
