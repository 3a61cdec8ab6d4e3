import { adviceRow, CodedError } from "../../contract/errors";
import { missingScopes } from "../../contract/scopes";
import { holderOf } from "../../contract/store/secret-facts";
import { parseStatus } from "../../contract/store/status";
import type { EngineParts } from "../engine/parts";
import type { Successor } from "../engine/rules";
import { statusAfter, writeFailure, writeStatus, writeSuccess } from "../engine/status";
import { readCurrentRecord, type Store } from "../engine/store";
import { type TrialVerdict, tryToken } from "../engine/trial";

/** What a webhook led to; `again`: nothing yet, Shopify shall deliver it once more. */
export type Consequence =
  | "marked_uninstalled"
  | "marked_before"
  | "stale"
  | "left_to_the_sweep"
  | "scopes_missing"
  | "scopes_complete"
  | "inconclusive"
  | "again";

/** Does what a webhook hints at, once the store's own access token has confirmed it. */
export type HandleTopic = (store: Store, parts: EngineParts) => Promise<Consequence>;

/** The topics that matter; every other one is acknowledged and ignored. */
export const TOPICS: Readonly<Record<string, HandleTopic>> = {
  "app/uninstalled": handleUninstalled,
  "app/scopes_update": handleScopes,
};

async function handleUninstalled(store: Store, parts: EngineParts): Promise<Consequence> {
  const current = await usableRecord(store, parts);
  // Nothing to try: a dead token would say nothing of the app, and the sweep knows about the rest.
  if (current === undefined) return "left_to_the_sweep";
  const trial = await tryOnce(store, current, parts);
  if (trial === "dead") return await markUninstalled(store, current, parts);
  return trial.checked === "ok" ? "stale" : inconclusive(trial.checked);
}

async function handleScopes(store: Store, parts: EngineParts): Promise<Consequence> {
  const current = await usableRecord(store, parts);
  if (current === undefined) return "left_to_the_sweep";
  const trial = await tryOnce(store, current, parts);
  if (trial === "dead") return "left_to_the_sweep";
  if (trial.scopes === undefined) return inconclusive(trial.checked);
  const missing = missingScopes(store.declaration.scopes, trial.scopes);
  return await reportScopes(store, missing, parts);
}

async function reportScopes(
  store: Store,
  missing: readonly string[],
  parts: EngineParts,
): Promise<Consequence> {
  const { secretArn, facts } = store;
  const said = parseStatus(facts.tags);
  if (missing.length > 0) {
    const code = "scope_missing";
    parts.log.warn("webhook.scopes_missing", { code, missing_scopes: missing.join(",") });
    await writeFailure(secretArn, code, parts);
    await writeStatus(secretArn, { missingScopes: missing }, parts);
    return "scopes_missing";
  }
  if (said.lastErrorCode === "scope_missing" || (said.missingScopes ?? []).length > 0) {
    const cleared = said.lastErrorCode === "scope_missing" ? { lastErrorCode: "" as const } : {};
    await writeStatus(secretArn, { missingScopes: missing, ...cleared }, parts);
  }
  return "scopes_complete";
}

/** The current record while its token should work; undefined for anything else. */
async function usableRecord(store: Store, parts: EngineParts): Promise<Successor | undefined> {
  const current = await readCurrentRecord(store, parts);
  if (current === undefined) return undefined;
  const { app, shop, expiresAt } = current.record;
  const { declaration } = store;
  const isOurs = shop === declaration.shop && app === declaration.app;
  const isLive = expiresAt === undefined || expiresAt > parts.clock.now();
  return isOurs && isLive ? current : undefined;
}

/** Tries the access token, and only it: a refresh after an uninstall would fail for ever. */
async function tryOnce(
  store: Store,
  { record }: Successor,
  parts: EngineParts,
): Promise<TrialVerdict | "dead"> {
  const once = { ...parts, rules: { ...parts.rules, planOf: () => undefined } };
  try {
    return await tryToken(store, record.accessToken, once);
  } catch (error) {
    if (error instanceof CodedError && error.code === "token_dead") return "dead";
    throw error;
  }
}

/** An outage passes, and Shopify delivers again; what a shop or an allowlist refuses stays refused. */
function inconclusive(code: TrialVerdict["checked"]): Consequence {
  return code !== "ok" && adviceRow(code).from === "no_answer" ? "again" : "inconclusive";
}

async function markUninstalled(
  store: Store,
  tried: Successor,
  parts: EngineParts,
): Promise<Consequence> {
  const { secretArn } = store;
  const before = await parts.secrets.describe(secretArn);
  if (holderOf(before, "AWSCURRENT") !== tried.versionId) return "stale";
  if (parseStatus(before.tags).state === "uninstalled") return "marked_before";
  const outcome = { state: "uninstalled", code: "app_uninstalled" } as const;
  await writeStatus(secretArn, statusAfter(outcome, parts.clock.now()), parts);
  // An install that landed in between has cleared a mark that was not there yet.
  const facts = await parts.secrets.describe(secretArn);
  if (holderOf(facts, "AWSCURRENT") === tried.versionId) return "marked_uninstalled";
  const installed = await readCurrentRecord({ ...store, facts }, parts);
  if (installed !== undefined) await writeSuccess(secretArn, installed, parts);
  return "stale";
}
