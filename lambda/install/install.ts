import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import type { Checked, StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import type { EpochMs } from "../../contract/time";
import { keeping } from "../deadline";
import type { AppInHand } from "../engine/app-secret";
import { type Parent, warnOfScopes } from "../engine/mint";
import { type EngineParts, under } from "../engine/parts";
import { PLANS } from "../engine/plans";
import { promote, type Supersession } from "../engine/promote";
import type { Successor } from "../engine/rules";
import { statusAfter, writeFailure, writeStatus, writeSuccess } from "../engine/status";
import { readCurrentRecord, type Store } from "../engine/store";
import { tryToken } from "../engine/trial";
import { attemptOf } from "../engine/version-id";
import { readParent } from "../engine/versions";
import { exchangeCode } from "./code-grant";
import { alone } from "./fence";
import type { InstallableStore } from "./installable";
import { keep, rehearseSeal } from "./keep";
import type { InstallParts } from "./parts";
import { persistently } from "./persistently";
import { requireRoom } from "./room";

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
interface Trial {
  readonly checked: Checked;
  /** Wanted scopes that the merchant did not grant. */
  readonly missing: readonly string[];
}

/** What an install did. */
export interface Installed extends Trial {
  /** `overtaken`: a later approval is AWSCURRENT; `kept`: the day's versions are used up, and the sweep promotes it. */
  readonly outcome: Supersession | "kept";
}

/** The time that a promotion may take after the trial. */
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
export async function install(approval: Approval, parts: InstallParts): Promise<Installed> {
  const { installable, id } = approval;
  await rehearseSeal(installable.store, parts);
  return await alone(
    { store: installable.store, id },
    async (store) => {
      const now = { ...approval, installable: { ...installable, store } };
      return (await approvedMeanwhile(now, parts)) ?? (await exchange(now, parts));
    },
    parts,
  );
}

async function exchange(approval: Approval, parts: InstallParts): Promise<Installed> {
  const { store } = approval.installable;
  const parent = await readParentOf(store, parts);
  await requireRoom(approval.installable, parent, parts);
  try {
    const minted = await exchangeCode(approval.installable, approval, parts);
    const kept = await keep(minted, { store, parent }, parts);
    const trial = await tryStored(store, kept.record, parts);
    return kept.versionId === undefined
      ? await leaveToTheSweep(store, trial, parts)
      : await promoteStored(
          store,
          { stored: { ...kept, versionId: kept.versionId }, trial },
          parts,
        );
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const earlier = error.code === "code_unusable" ? await approvedBy(approval, parts) : undefined;
    if (earlier !== undefined) return earlier;
    await noteLoss(approval, { parent, code: error.code }, parts);
    throw error;
  }
}

/** What the new version succeeds; a record of another shop has nothing to hand on. */
async function readParentOf(store: Store, parts: EngineParts): Promise<Parent> {
  try {
    return await readParent(store, parts);
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "declaration_mismatch") throw error;
    const current = await readCurrentRecord(store, parts);
    return { versionId: current?.versionId, record: undefined };
  }
}

/**
 * Tries the token that was stored.
 *
 * @throws {CodedError} `token_dead`: the version stays stored, and is not promoted
 */
async function tryStored(store: Store, record: StoreRecord, parts: EngineParts): Promise<Trial> {
  const hurried = under(parts, keeping(parts.deadline, AFTER_TRIAL_MS));
  const trial = await tryToken(store, record.accessToken, hurried).catch((error: unknown) => {
    // Nobody comes back to try again, and running out of time says nothing about the token.
    if (!(error instanceof CodedError) || error.code !== "out_of_time") throw error;
    return { checked: "shopify_unreachable", scopes: undefined } as const;
  });
  const missing = missingScopes(store.declaration.scopes, trial.scopes ?? record.scopes);
  warnOfScopes(missing, parts);
  return { checked: trial.checked, missing };
}

async function promoteStored(
  store: Store,
  { stored, trial }: { readonly stored: Successor; readonly trial: Trial },
  parts: EngineParts,
): Promise<Installed> {
  const { secretArn } = store;
  const { versionId, record } = stored;
  const outcome = await persistently(
    () => promote({ secretArn, plan: PLANS.install }, stored, parts),
    parts,
  );
  const checked = trial.missing.length > 0 ? "scope_missing" : trial.checked;
  if (outcome !== "overtaken") {
    await writeSuccess(secretArn, { versionId, record: { ...record, checked } }, parts);
    await writeStatus(secretArn, { missingScopes: trial.missing }, parts);
  }
  await dropLabel(secretArn, versionId, parts);
  parts.log.info("install.promoted", { version_id: versionId, outcome, checked });
  return { outcome, ...trial };
}

/** The label only keeps an unpromoted version from being forgotten; left behind it does no harm. */
async function dropLabel(
  secretArn: Store["secretArn"],
  versionId: Successor["versionId"],
  parts: EngineParts,
): Promise<void> {
  await parts.secrets
    .dropStage(secretArn, versionId, PLANS.install.label)
    .catch((error: unknown) => {
      if (!(error instanceof CodedError)) throw error;
      parts.log.warn("install.label_left", { code: error.code });
    });
}

/** The day's versions are used up: the tags hold what came, and the sweep makes a version of it when it may. */
async function leaveToTheSweep(
  { secretArn }: Store,
  trial: Trial,
  parts: EngineParts,
): Promise<Installed> {
  await writeFailure(secretArn, "version_budget_spent", parts);
  parts.log.warn("install.kept", { code: "version_budget_spent", checked: trial.checked });
  return { outcome: "kept", ...trial };
}

/** The same, as it is now. */
async function approvedBy(approval: Approval, parts: EngineParts): Promise<Installed | undefined> {
  const { installable } = approval;
  const facts = await parts.secrets.describe(installable.store.secretArn);
  const store = { ...installable.store, facts };
  return await approvedMeanwhile({ ...approval, installable: { ...installable, store } }, parts);
}

/**
 * What an approval brought that landed after this one was begun: this very one, when a browser asks again because
 * a page does not come, or another window's. Undefined where there is none whose token works.
 */
async function approvedMeanwhile(
  { installable, begunAt }: Approval,
  parts: EngineParts,
): Promise<Installed | undefined> {
  const { store } = installable;
  const { secretArn } = store;
  const current = await readCurrentRecord(store, parts).catch(() => undefined);
  if (current === undefined || current.record.issuedAt < begunAt) return undefined;
  if (current.record.shop !== store.declaration.shop) return undefined;
  const from = current.record.parentVersion ?? secretArn;
  if (attemptOf(current.versionId, { purpose: "install", from }) === undefined) return undefined;
  const trial = await tryStored(store, current.record, parts).catch(() => undefined);
  const isWhole = trial !== undefined && trial.missing.length === 0;
  return isWhole ? { outcome: "already_current", ...trial } : undefined;
}

/** Whether the tokens that the store had may be all that it has, or be dead. */
function isLoss(code: ErrorCode): boolean {
  const { tokens } = adviceRow(code);
  return tokens === "lost" || tokens === "access_dead";
}

async function noteLoss(
  { installable }: Approval,
  { parent, code }: { readonly parent: Parent; readonly code: ErrorCode },
  parts: EngineParts,
): Promise<void> {
  if (!isLoss(code)) return;
  const { secretArn } = installable.store;
  // A non-expiring token outlives the acquisition of another one; a refresh token does not.
  const somethingLives =
    isStatic(installable) && parent.record !== undefined && isStatic(parent.record);
  if (somethingLives) return await writeFailure(secretArn, code, parts);
  const outcome = { state: "awaiting_merchant", code } as const;
  await writeStatus(secretArn, statusAfter(outcome, parts.clock.now()), parts);
}
