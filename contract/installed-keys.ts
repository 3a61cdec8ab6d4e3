import { type AppKey, isStoreKey, type ShopDomain, type StoreKey } from "./brands";
import { hashOf } from "./schedule";

/** The longest key, in characters. */
const LONGEST_KEY = 48;
const HASH_CHARACTERS = 7;

/**
 * The keys that a store may have which came by itself, in the order in which they are tried: the shop's handle; and
 * where that is another store's key, or none at all, the handle and a hash of shop and app.
 */
export function keysOfInstalled({
  app,
  shop,
}: {
  readonly app: AppKey;
  readonly shop: ShopDomain;
}): StoreKey[] {
  const handle = handleOf(shop);
  const hash = hashOf(`${app} ${shop}`).toString(36).padStart(HASH_CHARACTERS, "0");
  const head = handle.slice(0, LONGEST_KEY - HASH_CHARACTERS - 1);
  return [handle, `${head}-${hash}`].filter(isStoreKey);
}

/** The shop's own name in its domain. */
export function handleOf(shop: ShopDomain): string {
  return shop.slice(0, shop.indexOf("."));
}
