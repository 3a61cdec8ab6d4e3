import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import type { Checked, StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import type { EpochMs } from "../../contract/time";
import { keeping } from "../deadline";
import type { AppInHand } from "../engine/app-secret";
import { checkToken } from "../engine/check-token";
import { type EngineDeps, under } from "../engine/deps";
import { warnOfScopes } from "../engine/obtain";
import { PLANS } from "../engine/plans";
import { promote, type Supersession } from "../engine/promote";
import { statusAfter, writeFailure, writeStatus, writeSuccess } from "../engine/status";
import { readCurrentRecord, type Store } from "../engine/store";
import type { Parent, Successor } from "../engine/successor";
import { attemptOf } from "../engine/version-id";
import { readParent } from "../engine/versions";
import { exchangeCode } from "./code-grant";
import type { InstallDeps } from "./deps";
import { alone } from "./fence";
import type { InstallableStore } from "./installable";
import { retryInstall } from "./retry-install";
import { requireRoom } from "./room";
import { probeKey, storeGrant } from "./store-grant";

/** A merchant's approval, verified. */
export interface Approval {
  readonly installable: InstallableStore;
  readonly app: AppInHand;
  readonly code: Sealed<string>;
  /** The same for every request of one approval: a browser may ask again. */
  readonly id: string;
  /** When the merchant opened the link. */
  readonly begunAt: EpochMs;
}

/** What trying a stored token said. */
interface StoredCheck {
  readonly checked: Checked;
  /** Wanted scopes that the merchant did not grant. */
  readonly missing: readonly string[];
}

/** What an install did. */
export interface Installed extends StoredCheck {
  /** `overtaken`: a later approval is AWSCURRENT; `kept`: the day's versions are used up, and the sweep promotes it. */
  readonly outcome: Supersession | "kept";
}

/** The time that a promotion may take after the check. */
const AFTER_TRIAL_MS = 6_000;

/**
 * Turns an approval into AWSCURRENT: one exchange, what came is stored before anything else is asked of
 * Shopify, then tried and promoted. A missing scope is promoted all the same, and reported.
 *
 * Before the code is presented it is made sure that no other approval is under way and that a version may be
 * added: Shopify retires what the store has with the exchange, whatever becomes of its answer.
 *
 * @throws {CodedError} `approval_under_way`, `approval_too_soon`: the code was not used;
 *   `code_exchange_lost`: the one failure that only the merchant can mend
 */
export async function install(approval: Approval, deps: InstallDeps): Promise<Installed> {
  const { installable, id } = approval;
  await probeKey(installable.store, deps);
  return await alone(
    { store: installable.store, id },
    async (store) => {
      const now = { ...approval, installable: { ...installable, store } };
      return (await approvedMeanwhile(now, deps)) ?? (await exchange(now, deps));
    },
    deps,
  );
}

async function exchange(approval: Approval, deps: InstallDeps): Promise<Installed> {
  const { store } = approval.installable;
  const parent = await readParentOf(store, deps);
  await requireRoom(approval.installable, parent, deps);
  try {
    const obtained = await exchangeCode(approval.installable, approval, deps);
    const kept = await storeGrant(obtained, { store, parent }, deps);
    const check = await checkStored(store, kept.record, deps);
    return kept.versionId === undefined
      ? await leaveToTheSweep(store, check, deps)
      : await promoteStored(store, { stored: { ...kept, versionId: kept.versionId }, check }, deps);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const earlier = error.code === "code_unusable" ? await approvedBy(approval, deps) : undefined;
    if (earlier !== undefined) return earlier;
    await noteLoss(approval, { parent, code: error.code }, deps);
    throw error;
  }
}

/** What the new version succeeds; a record of another shop has nothing to hand on. */
async function readParentOf(store: Store, deps: EngineDeps): Promise<Parent> {
  try {
    return await readParent(store, deps);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "declaration_mismatch") throw error;
    const current = await readCurrentRecord(store, deps);
    return { versionId: current?.versionId, record: undefined };
  }
}

/**
 * Tries the token that was stored.
 *
 * @throws {CodedError} `token_dead`: the version stays stored, and is not promoted
 */
async function checkStored(
  store: Store,
  record: StoreRecord,
  deps: EngineDeps,
): Promise<StoredCheck> {
  const hurried = under(deps, keeping(deps.deadline, AFTER_TRIAL_MS));
  const check = await checkToken(store, record.accessToken, hurried).catch((error: unknown) => {
    // Nobody comes back to try again, and running out of time says nothing about the token.
    if (!(error instanceof CodedError) || error.code !== "out_of_time") throw error;
    return { checked: "shopify_unreachable", scopes: undefined } as const;
  });
  const missing = missingScopes(store.declaration.scopes, check.scopes ?? record.scopes);
  warnOfScopes(missing, deps);
  return { checked: check.checked, missing };
}

async function promoteStored(
  store: Store,
  { stored, check }: { readonly stored: Successor; readonly check: StoredCheck },
  deps: EngineDeps,
): Promise<Installed> {
  const { secretArn } = store;
  const { versionId, record } = stored;
  const outcome = await retryInstall(
    () => promote({ secretArn, plan: PLANS.install }, stored, deps),
    deps,
  );
  const checked = check.missing.length > 0 ? "scope_missing" : check.checked;
  if (outcome !== "overtaken") {
    await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, deps);
    await writeStatus(secretArn, { missingScopes: check.missing }, deps);
  }
  await dropLabel(secretArn, versionId, deps);
  deps.log.info("install.promoted", { version_id: versionId, outcome, checked });
  return { outcome, ...check };
}

/** The label only keeps an unpromoted version from being forgotten; left behind it does no harm. */
async function dropLabel(
  secretArn: Store["secretArn"],
  versionId: Successor["versionId"],
  deps: EngineDeps,
): Promise<void> {
  await deps.secrets
    .dropStage(secretArn, versionId, PLANS.install.label)
    .catch((error: unknown) => {
      if (!(error instanceof CodedError)) throw error;
      deps.log.warn("install.label_left", { code: error.code });
    });
}

/** The day's versions are used up: the tags hold what came, and the sweep makes a version of it when it may. */
async function leaveToTheSweep(
  { secretArn }: Store,
  check: StoredCheck,
  deps: EngineDeps,
): Promise<Installed> {
  await writeFailure(secretArn, "version_budget_spent", deps);
  deps.log.warn("install.kept", { code: "version_budget_spent", checked: check.checked });
  return { outcome: "kept", ...check };
}

/** The same, as it is now. */
async function approvedBy(approval: Approval, deps: EngineDeps): Promise<Installed | undefined> {
  const { installable } = approval;
  const facts = await deps.secrets.describe(installable.store.secretArn);
  const store = { ...installable.store, facts };
  return await approvedMeanwhile({ ...approval, installable: { ...installable, store } }, deps);
}

/**
 * What an approval brought that landed after this one was begun: this very one, when a browser asks again because
 * a page does not come, or another window's. Undefined where there is none whose token works.
 */
async function approvedMeanwhile(
  { installable, begunAt }: Approval,
  deps: EngineDeps,
): Promise<Installed | undefined> {
  const { store } = installable;
  const { secretArn } = store;
  const current = await readCurrentRecord(store, deps).catch(() => undefined);
  if (current === undefined || current.record.issuedAt < begunAt) return undefined;
  if (current.record.shop !== store.declaration.shop) return undefined;
  const from = current.record.parentVersion ?? secretArn;
  if (attemptOf(current.versionId, { purpose: "install", from }) === undefined) return undefined;
  const check = await checkStored(store, current.record, deps).catch(() => undefined);
  const isWhole = check !== undefined && check.missing.length === 0;
  return isWhole ? { outcome: "already_current", ...check } : undefined;
}

/** Whether the tokens that the store had may be all that it has, or be dead. */
function isLoss(code: ErrorCode): boolean {
  const { tokens } = adviceRow(code);
  return tokens === "lost" || tokens === "access_dead";
}

async function noteLoss(
  { installable }: Approval,
  { parent, code }: { readonly parent: Parent; readonly code: ErrorCode },
  deps: EngineDeps,
): Promise<void> {
  if (!isLoss(code)) return;
  const { secretArn } = installable.store;
  // A non-expiring token outlives the acquisition of another one; a refresh token does not.
  const somethingLives =
    isStatic(installable) && parent.record !== undefined && isStatic(parent.record);
  if (somethingLives) return await writeFailure(secretArn, code, deps);
  const outcome = { state: "awaiting_merchant", code } as const;
  await writeStatus(secretArn, statusAfter(outcome, deps.clock.now()), deps);
}
