import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { isStatic } from "../../contract/kinds";
import type { Checked } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import { INSTALLING } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import { keeping } from "../deadline";
import type { AppInHand } from "../engine/app-secret";
import { type Parent, warnOfScopes } from "../engine/mint";
import { type EngineParts, under } from "../engine/parts";
import type { Successor } from "../engine/rules";
import { statusAfter, writeFailure, writeStatus, writeSuccess } from "../engine/status";
import { readCurrentRecord, type Store } from "../engine/store";
import { type Supersession, supersede } from "../engine/supersede";
import { tryToken } from "../engine/trial";
import { attemptOf } from "../engine/version-id";
import { readParent } from "../engine/versions";
import { exchangeCode } from "./code-grant";
import type { InstallableStore } from "./installable";
import { keep, rehearseSeal } from "./keep";
import { persistently } from "./persistently";

/** A merchant's approval, verified. */
export interface Approval {
  readonly installable: InstallableStore;
  readonly app: AppInHand;
  readonly code: Sealed<string>;
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
  /** `overtaken`: a later approval is AWSCURRENT. */
  readonly outcome: Supersession;
}

/** The time that a promotion may take after the trial. */
const AFTER_TRIAL_MS = 6_000;

/**
 * Turns an approval into AWSCURRENT: one exchange, what came is stored before anything else is asked of
 * Shopify, then tried and promoted. A missing scope is promoted all the same, and reported.
 *
 * @throws {CodedError} `code_exchange_lost`: the one failure that only the merchant can mend
 */
export async function install(approval: Approval, parts: EngineParts): Promise<Installed> {
  const { store } = approval.installable;
  const parent = await readParentOf(store, parts);
  await rehearseSeal(store, parts);
  try {
    const minted = await exchangeCode(approval.installable, approval, parts);
    const stored = await keep(minted, { store, parent }, parts);
    const trial = await tryStored(store, stored, parts);
    return await promoteStored(store, { stored, trial }, parts);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const earlier = await earlierInstall(approval, error, parts);
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
async function tryStored(store: Store, stored: Successor, parts: EngineParts): Promise<Trial> {
  const { record } = stored;
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
  const outcome = await persistently(() => supersede(secretArn, stored, parts), parts);
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
  await parts.secrets.dropStage(secretArn, versionId, INSTALLING).catch((error: unknown) => {
    if (!(error instanceof CodedError)) throw error;
    parts.log.warn("install.label_left", { code: error.code });
  });
}

/** The install that used this code before: browsers ask again when a page does not come. */
async function earlierInstall(
  { installable, begunAt }: Approval,
  error: CodedError,
  parts: EngineParts,
): Promise<Installed | undefined> {
  if (error.code !== "code_unusable") return undefined;
  const { secretArn } = installable.store;
  const facts = await parts.secrets.describe(secretArn);
  const current = await readCurrentRecord({ ...installable.store, facts }, parts);
  if (current === undefined || current.record.issuedAt < begunAt) return undefined;
  const from = current.record.parentVersion ?? secretArn;
  if (attemptOf(current.versionId, { purpose: "install", from }) === undefined) return undefined;
  return { outcome: "already_current", checked: current.record.checked, missing: [] };
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
