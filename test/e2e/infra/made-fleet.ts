import { isStatic, KIND_FACTS, type Kind } from "../../../contract/kinds";
import type { World } from "../../../local/world/world";
import type { Declared } from "./declared-stack";

/** The kinds of a made fleet's stores, in turn. */
const MIX = [
  "client-credentials",
  "client-credentials",
  "client-credentials",
  "custom-app",
  "offline",
  "offline-expiring",
] as const satisfies readonly Kind[];

export const APPS = ["orders", "stock", "prices"] as const;
const UNDECLARED_APP = "made-fleet-undeclared-client-id";
const SCOPES = ["read_orders"];

export interface MadeStore {
  readonly key: string;
  readonly kind: Kind;
  readonly shop: string;
  readonly app: string | undefined;
  /** A static token, in config and at Shopify; undefined where tokens are minted or approved. */
  readonly accessToken: string | undefined;
}

/** So many stores of every kind, the same at each run; half of them renewed by Secrets Manager. */
export function makeStores(count: number, name = "store"): MadeStore[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = MIX[index % MIX.length] ?? MIX[0];
    const key = `${name}-${String(index + 1).padStart(3, "0")}`;
    const { tokenInConfig } = KIND_FACTS[kind];
    return {
      key,
      kind,
      shop: `${key}.myshopify.com`,
      app: tokenInConfig ? undefined : APPS[index % APPS.length],
      accessToken: tokenInConfig ? `shpat_made-fleet-${key}` : undefined,
    };
  });
}

/** Makes the imitation know the fleet's apps. */
export function fillApps(world: World): void {
  const { control } = world.shopify.imitation;
  control.addApp({ clientId: UNDECLARED_APP });
  for (const app of APPS) {
    control.addApp({ clientId: clientIdOf(app), clientSecret: clientSecretOf(app) });
  }
}

/** Makes the imitation know stores, with their apps installed and their tokens handed out. */
export function fillShops(world: World, stores: readonly MadeStore[]): void {
  const { control } = world.shopify.imitation;
  for (const store of stores) {
    const { shop, app, kind, accessToken } = store;
    const clientId = app === undefined ? UNDECLARED_APP : clientIdOf(app);
    control.addShop({ shop });
    if (kind !== "offline-expiring") control.install({ clientId, shop, scopes: SCOPES });
    if (accessToken !== undefined && isStatic(store)) {
      control.issueToken({ clientId, shop, kind: store.kind, accessToken, scopes: SCOPES });
    }
  }
}

/** The config that declares the stores. */
export function declarationOf(stores: readonly MadeStore[]): Declared {
  const tokens = stores.flatMap(({ key, accessToken }) =>
    accessToken === undefined ? [] : [[key, accessToken] as const],
  );
  return {
    recoveryWindowDays: 7,
    apps: Object.fromEntries(APPS.map((app) => [app, { clientId: clientIdOf(app) }])),
    clientSecrets: Object.fromEntries(APPS.map((app) => [app, clientSecretOf(app)])),
    accessTokens: Object.fromEntries(tokens),
    stores: Object.fromEntries(
      stores.map(({ key, kind, shop, app }) => [
        key,
        { kind, shop, scopes: SCOPES, ...(app === undefined ? {} : { app }) },
      ]),
    ),
  };
}

function clientIdOf(app: string): string {
  return `made-fleet-${app}-client-id`;
}

function clientSecretOf(app: string): string {
  return `shpss_made-fleet-${app}-client-secret`;
}
