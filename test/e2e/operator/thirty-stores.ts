import type { Kind } from "../../../contract/kinds";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import type { World } from "../../../local/world/world";
import type { Declared } from "../infra/declared-stack";

/** The apps of the fleet, with the client secrets that Shopify knows at first. */
export const APPS = {
  ...DEV_APPS,
  returns: {
    clientId: "local-world-returns-client-id",
    clientSecret: "shpss_local-world-returns-client-secret",
  },
} as const;

export type AppName = keyof typeof APPS;

/** A store of the fleet. */
export interface FleetStore {
  readonly kind: Kind;
  readonly shop: string;
  readonly app: AppName | undefined;
}

const SCOPES = ["read_orders", "write_products"];
/** The custom app of the stores whose app is not declared; the dev fixtures add it. */
const UNDECLARED = "local-world-undeclared-client-id";

/** How many stores there are of each kind and app, by the head of their names. */
const COUNTS: readonly (readonly [string, number, Kind, AppName | undefined])[] = [
  ["minted", 12, "client-credentials", "fulfilment"],
  ["returns", 1, "client-credentials", "returns"],
  ["custom", 6, "custom-app", undefined],
  ["endless", 5, "offline", "catalog"],
  ["hourly", 6, "offline-expiring", "catalog"],
];

/** Thirty stores of all kinds, by name. */
export const STORES: Readonly<Record<string, FleetStore>> = Object.fromEntries(
  COUNTS.flatMap(([head, count, kind, app]) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${head}-${index + 1}`;
      return [name, { kind, shop: `${name}.myshopify.com`, app }] as const;
    }),
  ),
);

export function storeNamed(name: string): FleetStore {
  const store = STORES[name];
  if (store === undefined) throw new Error(`the fleet has no store ${name}`);
  return store;
}

/** The client ID and shop of a store's installation. */
export function installationOf(name: string): { clientId: string; shop: string } {
  const { app, shop } = storeNamed(name);
  return { clientId: app === undefined ? UNDECLARED : APPS[app].clientId, shop };
}

/** Shopify's side: apps, shops, installations; returns the static tokens that merchants would paste. */
export function fillFleet(world: World): Record<string, string> {
  const { control } = world.shopify.imitation;
  control.addApp({ name: "returns", ...APPS.returns });
  const tokens: Record<string, string> = {};
  for (const [name, { shop, kind }] of Object.entries(STORES)) {
    control.addShop({ shop });
    if (kind === "client-credentials") control.install({ ...installationOf(name), scopes: SCOPES });
    if (kind === "custom-app" || kind === "offline") tokens[name] = issueStatic(world, name);
  }
  return tokens;
}

/** Another static token of a store. */
export function issueStatic(world: World, name: string): string {
  const { kind } = storeNamed(name);
  if (kind !== "custom-app" && kind !== "offline") throw new Error(`${name} is not static`);
  const owner = { ...installationOf(name), kind, scopes: SCOPES };
  return world.shopify.imitation.control.issueToken(owner).accessToken;
}

/** The fleet as config declares it. */
export function declarationOf(
  accessTokens: Readonly<Record<string, string>>,
  change: { secrets?: Partial<Record<AppName, string>>; kinds?: Record<string, Kind> } = {},
): Declared {
  const apps = Object.entries(APPS);
  const { secrets = {}, kinds = {} } = change;
  const stores = Object.entries(STORES).map(([name, { kind, shop, app }]) => [
    name,
    { kind: kinds[name] ?? kind, shop, scopes: SCOPES, ...(app === undefined ? {} : { app }) },
  ]);
  const clientSecrets = apps.map(([name, app]) => [name, app.clientSecret]);
  return {
    recoveryWindowDays: "0",
    alarms: "true",
    apps: Object.fromEntries(apps.map(([name, { clientId }]) => [name, appOf(name, clientId)])),
    stores: Object.fromEntries(stores),
    clientSecrets: { ...Object.fromEntries(clientSecrets), ...secrets },
    accessTokens,
  };
}

/** Says that the app of the tokens without an end is not public: those of a public one are told of before January 2027. */
function appOf(name: string, clientId: string): object {
  return { clientId, ...(name === "catalog" ? { distribution: "own-organization" } : {}) };
}
