import { type AppKey, isStoreKey, type StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { type ApprovedKind, isApprovable, KINDS } from "../../contract/kinds";
import { INSTALLED, originOf, storeKeyOfSecret, storeSecretName } from "../../contract/names";
import { type Condition, conditionOf } from "../../contract/store/condition";
import type { ListedSecret } from "../../contract/store/secret-facts";
import type { StoreState } from "../../contract/store/status";
import { storeViewOf } from "../../contract/store/view";
import type { EngineDeps } from "../engine/deps";
import { type Store, storeOf } from "../engine/store";
import type { InstallDeps } from "./deps";

/** A declared store that a merchant may approve. */
export interface InstallableStore {
  readonly store: Store;
  readonly key: StoreKey;
  readonly kind: ApprovedKind;
  readonly app: AppKey;
}

type Finders = Pick<
  InstallDeps,
  "findSecret" | "found" | "knownApps" | "fleet" | "apps" | "open" | "hasList"
> &
  EngineDeps;

/**
 * Finds a declared store by its key in config; a store that was renamed is found by the key before as well, which
 * stands in its secret's name and in the links of then.
 *
 * @throws {CodedError} `store_not_declared`, `store_not_installable`
 */
export async function findInstallable(key: string, deps: Finders): Promise<InstallableStore> {
  if (!isStoreKey(key)) throw new CodedError("store_not_declared");
  const found = await findByKey(key, deps);
  if (found === undefined || found.facts.deletedAt !== undefined) {
    throw new CodedError("store_not_declared");
  }
  return asInstallable(found, deps, key);
}

/**
 * A secret as a store that a merchant may approve.
 *
 * @param asked the key that it was found by. Default: its own
 * @throws {CodedError} `store_not_declared`, `store_not_installable`
 */
export function asInstallable(
  { secretArn, facts }: ListedSecret,
  { prefix }: Pick<EngineDeps, "prefix">,
  asked?: StoreKey,
): InstallableStore {
  const store = storeOf(secretArn, facts, { prefix, allowed: KINDS });
  const { declaration } = store;
  const { app, shop } = declaration;
  const own = store.key ?? asked;
  if (own === undefined) throw new CodedError("store_not_declared", { shop });
  if (!isApprovable(declaration) || app === undefined) {
    throw new CodedError("store_not_installable", { store: own, shop });
  }
  return { store, key: own, kind: declaration.kind, app };
}

async function findByKey(key: StoreKey, deps: Finders): Promise<ListedSecret | undefined> {
  const named = await deps.found.find(storeSecretName(deps.prefix, key), deps);
  if (named !== undefined && keyOf(named, deps) === key) return named;
  // The list is kept for a minute: whoever tries links that lead nowhere asks AWS no more often.
  const { listed } = await deps.knownApps.read(deps);
  const tagged = listed.find((secret) => keyOf(secret, deps) === key);
  return tagged === undefined ? named : await deps.found.find(tagged.facts.name, deps);
}

function keyOf({ facts }: ListedSecret, { prefix }: Finders): StoreKey | undefined {
  return storeKeyOfSecret(prefix, facts);
}

/** What the store's tags and labels say of it. */
export function conditionOfStore(
  { store, key }: InstallableStore,
  { prefix, clock }: Pick<EngineDeps, "prefix" | "clock">,
): Condition {
  const { secretArn, facts } = store;
  return conditionOf({ ...storeViewOf({ secretArn, facts }, prefix), key }, clock.now());
}

const AWAY: ReadonlySet<StoreState> = new Set(["awaiting_merchant", "uninstalled"]);

/** Whether only its merchant can help the store. */
export function needsMerchant(
  installable: InstallableStore,
  deps: Pick<EngineDeps, "prefix" | "clock">,
): boolean {
  const { needsPerson, owner, state } = conditionOfStore(installable, deps);
  // Nobody waits for a merchant who came by himself and left; that he comes back is his own doing.
  const isAway = originOf(installable.store.facts) === INSTALLED && AWAY.has(state);
  return isAway || (needsPerson && owner === "merchant");
}
