import { adviceRow, CodedError } from "../../contract/errors";
import { missingScopes } from "../../contract/scopes";
import { holderOf } from "../../contract/store/secret-facts";
import { parseStatus } from "../../contract/store/status";
import { checkToken, type TokenCheck } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { statusAfter, writeFailure, writeStatus, writeSuccess } from "../engine/status";
import { readCurrentRecord, type Store } from "../engine/store";
import type { Successor } from "../engine/successor";
import type { InstallDeps } from "./deps";

/** What a webhook led to; `again`: nothing yet, Shopify shall deliver it once more. */
export type Consequence =
  | "marked_uninstalled"
  | "marked_before"
  | "stale"
  | "left_to_the_sweep"
  | "scopes_missing"
  | "scopes_complete"
  | "inconclusive"
  | "removed"
  | "not_ours_to_remove"
  | "again";

/** Does what a webhook hints at, once the store's own access token has confirmed it. */
export type HandleTopic = (store: Store, deps: InstallDeps) => Promise<Consequence>;

/** The topics that matter; every other one is acknowledged and ignored. */
export const TOPICS: Readonly<Record<string, HandleTopic>> = {
  "app/uninstalled": handleUninstalled,
  "app/scopes_update": handleScopes,
};

export async function handleUninstalled(store: Store, deps: EngineDeps): Promise<Consequence> {
  const current = await usableRecord(store, deps);
  // Nothing to try: a dead token would say nothing of the app, and the sweep knows about the rest.
  if (current === undefined) return "left_to_the_sweep";
  const check = await tryOnce(store, current, deps);
  if (check === "dead") return await markUninstalled(store, current, deps);
  return check.checked === "ok" ? "stale" : inconclusive(check.checked);
}

async function handleScopes(store: Store, deps: EngineDeps): Promise<Consequence> {
  const current = await usableRecord(store, deps);
  if (current === undefined) return "left_to_the_sweep";
  const check = await tryOnce(store, current, deps);
  if (check === "dead") return "left_to_the_sweep";
  if (check.scopes === undefined) return inconclusive(check.checked);
  const missing = missingScopes(store.declaration.scopes, check.scopes);
  return await reportScopes(store, missing, deps);
}

async function reportScopes(
  store: Store,
  missing: readonly string[],
  deps: EngineDeps,
): Promise<Consequence> {
  const { secretArn, facts } = store;
  const said = parseStatus(facts.tags);
  if (missing.length > 0) {
    const code = "scope_missing";
    deps.log.warn("webhook.scopes_missing", { code, missing_scopes: missing.join(",") });
    await writeFailure(secretArn, code, deps);
    await writeStatus(secretArn, { missingScopes: missing }, deps);
    return "scopes_missing";
  }
  if (said.lastErrorCode === "scope_missing" || (said.missingScopes ?? []).length > 0) {
    const cleared = said.lastErrorCode === "scope_missing" ? { lastErrorCode: "" as const } : {};
    await writeStatus(secretArn, { missingScopes: missing, ...cleared }, deps);
  }
  return "scopes_complete";
}

/** The current record while its token should work; undefined for anything else. */
export async function usableRecord(store: Store, deps: EngineDeps): Promise<Successor | undefined> {
  const current = await readCurrentRecord(store, deps);
  if (current === undefined) return undefined;
  const { app, shop, expiresAt } = current.record;
  const { declaration } = store;
  const isOurs = shop === declaration.shop && app === declaration.app;
  const isLive = expiresAt === undefined || expiresAt > deps.clock.now();
  return isOurs && isLive ? current : undefined;
}

/** Tries the access token, and only it: a refresh after an uninstall would fail for ever. */
async function tryOnce(
  store: Store,
  { record }: Successor,
  deps: EngineDeps,
): Promise<TokenCheck | "dead"> {
  const once = { ...deps, rules: { ...deps.rules, planOf: () => undefined } };
  try {
    return await checkToken(store, record.accessToken, once);
  } catch (error) {
    if (error instanceof CodedError && error.code === "token_dead") return "dead";
    throw error;
  }
}

/** An outage passes, and Shopify delivers again; what a shop or an allowlist refuses stays refused. */
function inconclusive(code: TokenCheck["checked"]): Consequence {
  return code !== "ok" && adviceRow(code).from === "no_answer" ? "again" : "inconclusive";
}

async function markUninstalled(
  store: Store,
  tried: Successor,
  deps: EngineDeps,
): Promise<Consequence> {
  const { secretArn } = store;
  const before = await deps.secrets.describe(secretArn);
  if (holderOf(before, "AWSCURRENT") !== tried.versionId) return "stale";
  if (parseStatus(before.tags).state === "uninstalled") return "marked_before";
  const outcome = { state: "uninstalled", code: "app_uninstalled" } as const;
  await writeStatus(secretArn, statusAfter(outcome, deps.clock.now()), deps);
  // An install that landed in between has cleared a mark that was not there yet.
  const facts = await deps.secrets.describe(secretArn);
  if (holderOf(facts, "AWSCURRENT") === tried.versionId) return "marked_uninstalled";
  const installed = await readCurrentRecord({ ...store, facts }, deps);
  if (installed !== undefined) await writeSuccess(secretArn, installed, deps);
  return "stale";
}
