import { isStoreKey } from "../../contract/brands";
import type { Declaration } from "../../contract/declaration";
import { looksSecret } from "../../contract/secret-look";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeViewOf } from "../../contract/store/view";
import type { SecretsPort } from "../aws/ports";
import { Refusal, usageError } from "../refusal";
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
  const fleet = listed.flatMap((secret) => storeIn(secret, prefix) ?? []);
  if (fleet.length === 0) {
    throw new Refusal(
      `there are no stores under ${prefix} in this account and region`,
      "check --prefix, --region and AWS_PROFILE: without --prefix, shopify-secrets status finds the stack or names all there are",
    );
  }
  return fleet.sort((one, other) => (one.store < other.store ? -1 : 1));
}

/** The named stores out of a fleet, in the order of their names; no names: all. */
export function pickStores(fleet: readonly StoreSeen[], names: readonly string[]): StoreSeen[] {
  const unknown = names.filter((name) => !fleet.some(({ store }) => store === name));
  if (unknown.length > 0) {
    throw usageError(
      // Whatever is no key may be a token that was pasted in the wrong place.
      unknown.every((name) => isStoreKey(name) && !looksSecret(name))
        ? `there is no store ${unknown.join(", ")}`
        : "that is not the key of a store",
      "shopify-secrets status, which lists the stores",
    );
  }
  return fleet.filter(({ store }) => names.length === 0 || names.includes(store));
}

/** Reads the one store that a command is about. */
export async function readStore(
  secrets: Pick<SecretsPort, "list">,
  prefix: string,
  words: readonly string[],
): Promise<StoreSeen> {
  const [name] = words;
  if (name === undefined || words.length > 1) throw usageError("name one store");
  const [store] = pickStores(await readFleet(secrets, prefix), [name]);
  if (store === undefined) throw new Refusal(`there is no store ${name}`, "shopify-secrets status");
  return store;
}

/** The declaration of a store that a command cannot do without. */
export function requireDeclaration({ store, declaration }: StoreSeen): Declaration {
  if (declaration !== undefined) return declaration;
  throw new Refusal(
    `the description of the secret of ${store} is not a declaration`,
    "pulumi up --continue-on-error",
  );
}

/** A secret as a store; undefined: it is none of this prefix. */
export function storeIn(secret: ListedSecret, prefix: string): StoreSeen | undefined {
  if (!secret.facts.name.startsWith(`${prefix}/`)) return undefined;
  const view = storeViewOf(secret, prefix);
  return view.key === undefined ? undefined : { ...view, store: view.key };
}
