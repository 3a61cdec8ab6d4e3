import { type AppKey, isStoreKey, type StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { type ApprovedKind, isApprovable, KINDS } from "../../contract/kinds";
import { storeKeyOfSecret, storeSecretName } from "../../contract/names";
import { type Condition, conditionOf } from "../../contract/store/condition";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeViewOf } from "../../contract/store/view";
import type { EngineParts } from "../engine/parts";
import { type Store, storeOf } from "../engine/store";
import type { InstallParts } from "./parts";

/** A declared store that a merchant may approve. */
export interface InstallableStore {
  readonly store: Store;
  readonly key: StoreKey;
  readonly kind: ApprovedKind;
  readonly app: AppKey;
}

type Finders = Pick<InstallParts, "findSecret" | "knownApps" | "fleet" | "apps"> & EngineParts;

/**
 * Finds a declared store by its key in config; a store that was renamed is found by the key before as well, which
 * stands in its secret's name and in the links of then.
 *
 * @throws {CodedError} `store_not_declared`, `store_not_installable`
 */
export async function findInstallable(key: string, parts: Finders): Promise<InstallableStore> {
  if (!isStoreKey(key)) throw new CodedError("store_not_declared");
  const found = await findByKey(key, parts);
  if (found === undefined || found.facts.deletedAt !== undefined) {
    throw new CodedError("store_not_declared");
  }
  const { secretArn, facts } = found;
  const store = storeOf(secretArn, facts, { prefix: parts.prefix, allowed: KINDS });
  const { declaration } = store;
  const { app, shop } = declaration;
  const own = store.key ?? key;
  if (!isApprovable(declaration) || app === undefined) {
    throw new CodedError("store_not_installable", { store: own, shop });
  }
  return { store, key: own, kind: declaration.kind, app };
}

async function findByKey(key: StoreKey, parts: Finders): Promise<ListedSecret | undefined> {
  const named = await parts.findSecret(storeSecretName(parts.prefix, key));
  if (named !== undefined && keyOf(named, parts) === key) return named;
  // The list is kept for a minute: whoever tries links that lead nowhere asks AWS no more often.
  const { listed } = await parts.knownApps.read(parts);
  const tagged = listed.find((secret) => keyOf(secret, parts) === key);
  return tagged === undefined ? named : await parts.findSecret(tagged.facts.name);
}

function keyOf({ facts }: ListedSecret, { prefix }: Finders): StoreKey | undefined {
  return storeKeyOfSecret(prefix, facts);
}

/** What the store's tags and labels say of it. */
export function conditionOfStore(
  { store, key }: InstallableStore,
  { prefix, clock }: Pick<EngineParts, "prefix" | "clock">,
): Condition {
  const { secretArn, facts } = store;
  return conditionOf({ ...storeViewOf({ secretArn, facts }, prefix), key }, clock.now());
}

/** Whether only its merchant can help the store. */
export function needsMerchant(
  installable: InstallableStore,
  parts: Pick<EngineParts, "prefix" | "clock">,
): boolean {
  const { needsPerson, owner } = conditionOfStore(installable, parts);
  return needsPerson && owner === "merchant";
}
