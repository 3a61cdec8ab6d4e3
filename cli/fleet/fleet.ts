import type { Declaration } from "../../contract/declaration";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeViewOf } from "../../contract/store/view";
import type { SecretsPort } from "../aws/ports";
import { Refusal, usageError } from "../refusal";
import { namedStores } from "./store-names";
import type { StoreSeen } from "./store-view";

/**
 * The stores of a prefix, by key; reads no value.
 *
 * None at all is a refusal: a mistyped prefix must not read as a fleet that is well.
 */
export async function readFleet(
  secrets: Pick<SecretsPort, "list">,
  prefix: string,
): Promise<StoreSeen[]> {
  const listed = await secrets.list({ by: "name", head: `${prefix}/` });
  const fleet = storesOf(listed, prefix);
  if (fleet.length === 0) throw noStores(prefix);
  return fleet;
}

/** A fleet with the stores whose secrets wait for their deletion. */
export interface WholeFleet {
  readonly stores: readonly StoreSeen[];
  /** Taken out of config, or deleted behind its back: a list does not tell which. */
  readonly deleted: readonly StoreSeen[];
}

/** The same with what was deleted; a store that was declared anew counts as it is now. */
export async function readWholeFleet(
  secrets: Pick<SecretsPort, "list">,
  prefix: string,
): Promise<WholeFleet> {
  const all = storesOf(
    await secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true }),
    prefix,
  );
  const stores = all.filter(({ facts }) => facts.deletedAt === undefined);
  const keys = new Set(stores.map(({ store }) => store));
  const deleted = all.filter(
    ({ store, facts }) => facts.deletedAt !== undefined && !keys.has(store),
  );
  if (stores.length === 0 && deleted.length === 0) throw noStores(prefix);
  return { stores, deleted };
}

function storesOf(listed: readonly ListedSecret[], prefix: string): StoreSeen[] {
  return listed
    .flatMap((secret) => storeIn(secret, prefix) ?? [])
    .sort((one, other) => (one.store < other.store ? -1 : 1));
}

function noStores(prefix: string): Refusal {
  return new Refusal(
    `there are no stores under ${prefix} in this account and region`,
    "check --prefix, --region and AWS_PROFILE: without --prefix, shopify-secrets status finds the stack or names all there are",
  );
}

/** The named ones of both; no words: all. */
export function pickWhole({ stores, deleted }: WholeFleet, words: readonly string[]): WholeFleet {
  if (words.length === 0) return { stores, deleted };
  const named = new Set(namedStores([...stores, ...deleted], words));
  return {
    stores: stores.filter((seen) => named.has(seen)),
    deleted: deleted.filter((seen) => named.has(seen)),
  };
}

/** The named stores out of a fleet, in the order of their names; no words: all. */
export function pickStores(fleet: readonly StoreSeen[], words: readonly string[]): StoreSeen[] {
  return words.length === 0 ? [...fleet] : namedStores(fleet, words);
}

/** Reads the one store that a command is about. */
export async function readStore(
  secrets: Pick<SecretsPort, "list">,
  prefix: string,
  words: readonly string[],
): Promise<StoreSeen> {
  const [store] = namedStores(await readFleet(secrets, prefix), words);
  if (store === undefined) throw usageError("name one store");
  return store;
}

/** The declaration of a store that a command cannot do without. */
export function requireDeclaration({ store, declaration }: StoreSeen): Declaration {
  if (declaration !== undefined) return declaration;
  throw new Refusal(
    `the description of the secret of ${store} is not a declaration`,
    "pulumi up --refresh --continue-on-error",
  );
}

/** A secret as a store; undefined: it is none of this prefix. */
export function storeIn(secret: ListedSecret, prefix: string): StoreSeen | undefined {
  if (!secret.facts.name.startsWith(`${prefix}/`)) return undefined;
  const view = storeViewOf(secret, prefix);
  return view.key === undefined ? undefined : { ...view, store: view.key };
}
