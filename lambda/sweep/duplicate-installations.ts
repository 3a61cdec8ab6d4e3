import { kindFactsOf } from "../../contract/kinds";
import { SECRET_TAGS } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { declarationIn, labelOf, type StoreView } from "../../contract/store/view";
import { fieldsOfError } from "../log";
import type { SweepDeps } from "./deps";

/** Two stacks with the same app on the same store would retire each other's refresh tokens. */
export async function warnOfDuplicateInstallations(
  stores: readonly StoreView[],
  deps: SweepDeps,
): Promise<void> {
  const pairs = stores.filter(hasRefreshTokens);
  if (pairs.length === 0) return;
  const foreign = byShop(await foreignStores(deps));
  for (const store of pairs) {
    const twin = foreign.get(store.declaration?.shop)?.find((secret) => isSameApp(store, secret));
    if (twin === undefined) continue;
    deps.log.warn("sweep.same_store_elsewhere", { store: labelOf(store), twin: twin.facts.name });
  }
}

async function foreignStores(deps: SweepDeps): Promise<readonly ListedSecret[]> {
  try {
    return await deps.fleet.under(deps.deadline).listForeign();
  } catch (error) {
    // A warning is not worth the sweep.
    deps.log.warn("sweep.foreign_stores_not_listed", fieldsOfError(error));
    return [];
  }
}

/** Only their acquisitions retire each other. */
function hasRefreshTokens({ declaration }: StoreView): boolean {
  return declaration !== undefined && kindFactsOf(declaration).hasRefreshToken;
}

function byShop(secrets: readonly ListedSecret[]): Map<string | undefined, ListedSecret[]> {
  const found = new Map<string | undefined, ListedSecret[]>();
  for (const secret of secrets) {
    const shop = declarationIn(secret.facts)?.shop;
    const known = found.get(shop);
    if (known === undefined) found.set(shop, [secret]);
    else known.push(secret);
  }
  return found;
}

/** By client ID where both stacks say it: every stack chooses its own key for an app. */
function isSameApp(one: ListedSecret, other: ListedSecret): boolean {
  const [ours, theirs] = [clientIdOf(one), clientIdOf(other)];
  if (ours !== undefined && theirs !== undefined) return ours === theirs;
  const app = declarationIn(one.facts)?.app;
  return app !== undefined && app === declarationIn(other.facts)?.app;
}

function clientIdOf({ facts }: ListedSecret): string | undefined {
  return facts.tags.get(SECRET_TAGS.clientId);
}
