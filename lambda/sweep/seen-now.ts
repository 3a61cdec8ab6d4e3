import type { StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { storeSecretName } from "../../contract/names";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { type StoreView, storesIn, storeViewOf } from "../../contract/store/view";
import type { SweepDeps } from "./deps";

// "ListSecrets might not reflect changes from the last five minutes. You can get more recent information for a
// specific secret by calling DescribeSecret" (API reference of ListSecrets).

/** The fleet as it was up to five minutes ago: nothing is written, renewed or announced on its word alone. */
export async function listedFleet({ fleet, prefix }: SweepDeps): Promise<readonly StoreView[]> {
  return storesIn(await fleet.listOwn(), prefix);
}

/**
 * A store of the list as it is now.
 *
 * @throws {CodedError} `secret_not_found`, `secret_pending_deletion`, or what keeps it from being seen
 */
export async function seenNow(
  { secretArn }: Pick<StoreView, "secretArn">,
  { secrets, prefix }: SweepDeps,
): Promise<StoreView> {
  const facts = await secrets.describe(secretArn);
  return present({ secretArn, facts }, prefix);
}

/**
 * The store that a key names, as it is now; a new one may not be listed yet.
 *
 * @throws {CodedError} `secret_not_found` for a store that the stack does not have
 */
export async function namedStore(key: StoreKey, deps: SweepDeps): Promise<StoreView> {
  const named = await deps.fleet.find(storeSecretName(deps.prefix, key));
  if (named !== undefined && storeViewOf(named, deps.prefix).key === key) {
    return present(named, deps.prefix);
  }
  // The key of a store that was renamed stands in a tag alone, and only the list can tell whose it is.
  const renamed = (await listedFleet(deps)).find((store) => store.key === key);
  if (renamed === undefined) throw new CodedError("secret_not_found", { store: key });
  return await seenNow(renamed, deps);
}

function present(secret: ListedSecret, prefix: string): StoreView {
  const store = storeViewOf(secret, prefix);
  if (secret.facts.deletedAt === undefined) return store;
  throw new CodedError(
    "secret_pending_deletion",
    store.key === undefined ? {} : { store: store.key },
  );
}
