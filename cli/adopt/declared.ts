import { isStatic } from "../../contract/kinds";
import { appKeyOf, SECRET_TAGS, storeSecretName } from "../../contract/names";
import { encodeScopes } from "../../contract/scopes";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeIn } from "../fleet/fleet";
import type { StoreSeen } from "../fleet/store-view";

/** Config as far as a stack's own secrets tell it: what they were made of beside secrets and settings. */
export interface DeclaredConfig {
  readonly apps: Readonly<Record<string, { readonly clientId: string }>>;
  readonly stores: Readonly<Record<string, object>>;
}

/** Said where nothing in AWS tells the client ID of an app. */
const UNKNOWN = "<its client ID>";

/** What was declared, out of the secrets' descriptions and tags. */
export function declaredIn(secrets: readonly ListedSecret[], prefix: string): DeclaredConfig {
  const present = secrets.filter(({ facts }) => facts.deletedAt === undefined);
  const stores = present.flatMap((secret) => storeIn(secret, prefix) ?? []);
  const apps = present.flatMap(({ facts }) => appKeyOf(prefix, facts.name) ?? []);
  return {
    apps: Object.fromEntries(apps.map((app) => [app, { clientId: clientIdOf(app, stores) }])),
    stores: Object.fromEntries(stores.map((store) => [store.store, storeOf(store, prefix)])),
  };
}

function clientIdOf(app: string, stores: readonly StoreSeen[]): string {
  const ids = stores.flatMap(({ declaration, facts }) =>
    declaration?.app === app ? (facts.tags.get(SECRET_TAGS.clientId) ?? []) : [],
  );
  return ids[0] ?? UNKNOWN;
}

function storeOf({ store, declaration, facts }: StoreSeen, prefix: string): object {
  const isOwnName = facts.name !== storeSecretName(prefix, store);
  return {
    ...(declaration === undefined
      ? {}
      : {
          kind: declaration.kind,
          shop: declaration.shop,
          ...(declaration.app === undefined ? {} : { app: declaration.app }),
          ...(declaration.scopes.length === 0
            ? {}
            : { scopes: encodeScopes(declaration.scopes).split(",") }),
          apiVersion: declaration.apiVersion,
        }),
    ...(isOwnName ? { secretName: facts.name } : {}),
  };
}

/** The stores whose static token stood in config, or was put: config may hold it again, and need not. */
export function hasStaticStores(secrets: readonly ListedSecret[], prefix: string): boolean {
  return secrets.some((secret) => {
    const declaration = storeIn(secret, prefix)?.declaration;
    return declaration !== undefined && isStatic(declaration);
  });
}
