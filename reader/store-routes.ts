import {
  isAppKey,
  isSecretArn,
  isShopDomain,
  isStoreKey,
  type ShopDomain,
} from "../contract/brands";
import { handleOf, keysOfInstalled } from "../contract/installed-keys";
import { storeSecretName } from "../contract/names";
import { ReaderError } from "./errors";

/** Where a store's secret is: one entry of the stack's `stores` output. */
export interface StoreLocation {
  readonly shop: string;
  readonly secretArn: string;
}

/** A store as the application asked for it, found. */
export interface Route {
  /** The name or ARN of its secret. */
  readonly secretId: string;
  /** The shop that its record must name; undefined when the caller did not say. */
  readonly shop: ShopDomain | undefined;
  /** What else to look for where that is not there, or another shop's; undefined: nothing. */
  readonly orElse?: string | undefined;
}

export interface RouteOptions {
  readonly prefix?: string;
  readonly app?: string;
  readonly stores?: Readonly<Record<string, StoreLocation>>;
}

/** Between a key and the shop that its record must name: in our own names of second choices alone. */
export const OF_SHOP = "@";

/** Finds the secret of a store by store key, secret ARN or shop domain. */
export type FindRoute = (store: string) => Route;

/**
 * Prepares the look-up of stores.
 *
 * @throws {ReaderError} `options_malformed`; the answered function throws `store_unknown`, `store_ambiguous`
 */
export function createRoutes(options: RouteOptions): FindRoute {
  const declared = declaredRoutes(options.stores ?? {});
  return (asked) => {
    const store = asDomain(asked);
    if (declared.ambiguous.has(store)) throw new ReaderError("store_ambiguous", { store });
    return declared.routes.get(store) ?? routeByName(store, options);
  };
}

/** Host names know no case; keys and ARNs do. */
function asDomain(store: string): string {
  const lowered = store.toLowerCase();
  return isShopDomain(lowered) ? lowered : store;
}

interface DeclaredRoutes {
  readonly routes: ReadonlyMap<string, Route>;
  readonly ambiguous: ReadonlySet<string>;
}

function declaredRoutes(stores: Readonly<Record<string, StoreLocation>>): DeclaredRoutes {
  const routes = new Map<string, Route>();
  const ambiguous = new Set<string>();
  for (const [key, location] of Object.entries(stores)) {
    const route = routeOf(key, location);
    routes.set(key, route);
    routes.set(route.secretId, route);
    if (route.shop === undefined) continue;
    if (routes.has(route.shop)) ambiguous.add(route.shop);
    routes.set(route.shop, route);
  }
  // A renamed store keeps its secret's name, by whose key an application without this output asks.
  for (const { secretId } of [...routes.values()]) {
    const key = KEY_IN_NAME.exec(secretId)?.[1];
    const route = routes.get(secretId);
    if (key !== undefined && route !== undefined && !routes.has(key)) routes.set(key, route);
  }
  return { routes, ambiguous };
}

const KEY_IN_NAME = /\/stores\/([^/]+)\/token-[A-Za-z0-9]{6}$/;

function routeOf(key: string, location: StoreLocation): Route {
  if (!isStoreKey(key)) throw new ReaderError("options_malformed", { field: "stores" });
  const { shop, secretArn } = location;
  if (!isShopDomain(shop)) {
    throw new ReaderError("options_malformed", { field: `stores.${key}.shop` });
  }
  if (!isSecretArn(secretArn)) {
    throw new ReaderError("options_malformed", { field: `stores.${key}.secretArn` });
  }
  return { secretId: secretArn, shop };
}

function routeByName(store: string, { prefix, app }: RouteOptions): Route {
  if (isSecretArn(store)) return { secretId: store, shop: undefined };
  if (prefix !== undefined && isStoreKey(store)) {
    return { secretId: storeSecretName(prefix, store), shop: undefined };
  }
  if (prefix !== undefined && isShopDomain(store)) {
    // The record's shop is compared, so a key that is not the handle cannot lead to another store's token.
    const [key, second] = isAppKey(app)
      ? keysOfInstalled({ app, shop: store })
      : [handleOf(store)].filter(isStoreKey);
    const orElse = second && `${second}${OF_SHOP}${store}`;
    if (key !== undefined) return { secretId: storeSecretName(prefix, key), shop: store, orElse };
  }
  if (prefix !== undefined && app !== undefined) {
    const [key, shop] = store.split(OF_SHOP);
    if (isStoreKey(key) && isShopDomain(shop)) {
      return { secretId: storeSecretName(prefix, key), shop };
    }
  }
  throw new ReaderError("store_unknown", nameable(store));
}

/** The name as a fact of an error, if it is one: people paste tokens. */
function nameable(store: string): { store?: string } {
  return isStoreKey(store) || isShopDomain(store) || isSecretArn(store) ? { store } : {};
}
