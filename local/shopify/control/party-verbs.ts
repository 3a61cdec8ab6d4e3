import * as v from "valibot";
import { makeDistributionLink } from "../distribution-link";
import { appUrlAddress } from "../rules/callback";
import { pasteKey } from "../rules/client-assertion";
import { grantScopes } from "../rules/installation";
import { uninstall } from "../rules/uninstall";
import { type App, installationOf, type RuleContext, type Shop } from "../state";
import { appNamed, type ControlDesk, shopNamed, verb } from "./verb";

const scopes = v.array(v.string());
const changeableApp = {
  name: v.exactOptional(v.string()),
  organization: v.exactOptional(v.string()),
  distribution: v.exactOptional(v.picklist(["custom", "public"])),
  scopes: v.exactOptional(scopes),
  redirectUris: v.exactOptional(v.array(v.string())),
  appUrl: v.exactOptional(v.string()),
  embedded: v.exactOptional(v.boolean()),
  managedInstall: v.exactOptional(v.boolean()),
  webhookAddress: v.exactOptional(v.string()),
  complianceTopics: v.exactOptional(v.boolean()),
  allowedAddresses: v.exactOptional(v.array(v.string())),
  allowedNetworks: v.exactOptional(v.array(v.string())),
  allowedCountries: v.exactOptional(v.array(v.string())),
};
const newApp = v.strictObject({
  ...changeableApp,
  clientId: v.string(),
  /** Default: a random one. */
  clientSecret: v.exactOptional(v.string()),
  /** Milliseconds since the epoch; default: now. */
  createdAt: v.exactOptional(v.number()),
  /** Until then the token endpoint does not know the app; default 0. */
  unknownForSeconds: v.exactOptional(v.number()),
});
const changeableShop = {
  name: v.exactOptional(v.string()),
  organization: v.exactOptional(v.string()),
  state: v.exactOptional(v.picklist(["open", "frozen", "locked", "closed"])),
  flagged: v.exactOptional(v.boolean()),
};
const shopDomain = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]*\.myshopify\.com$/));
const appOnShop = { clientId: v.string(), shop: v.string() };

/** Apps, their client secrets, shops and installations. */
export const PARTY_VERBS = {
  /** Adds an app and returns its client secret. Everything has a default; organization: "org-1". */
  addApp: verb(newApp, (desk, args) => {
    const context = desk.context();
    const {
      clientId,
      clientSecret,
      createdAt = context.now,
      unknownForSeconds = 0,
      ...rest
    } = args;
    if (context.state.apps.has(clientId)) throw new Error("an app with this client ID exists");
    const app: App = {
      name: clientId,
      organization: "org-1",
      distribution: "custom",
      scopes: [],
      redirectUris: [],
      ...rest,
      clientId,
      createdAt,
      knownFrom: context.now + unknownForSeconds * 1_000,
      secrets: [],
      keys: [],
      presented: new Map(),
    };
    context.state.apps.set(clientId, app);
    return addSecret(context, app, clientSecret);
  }),

  changeApp: verb(
    v.strictObject({ clientId: v.string(), ...changeableApp }),
    (desk, { clientId, ...change }) => {
      Object.assign(appNamed(desk, clientId), change);
    },
  ),

  /** Adds a newer client secret; the older ones stay live until they are revoked. */
  addClientSecret: verb(
    v.strictObject({ clientId: v.string(), clientSecret: v.exactOptional(v.string()) }),
    (desk, args) => addSecret(desk.context(), appNamed(desk, args.clientId), args.clientSecret),
  ),

  /** Revokes a client secret, which kills every token that it minted. */
  revokeClientSecret: verb(
    v.strictObject({ clientId: v.string(), clientSecret: v.string() }),
    (desk, args) => {
      const secret = appNamed(desk, args.clientId).secrets.find(
        ({ value }) => value === args.clientSecret,
      );
      if (secret === undefined) throw new Error("the app has no such client secret");
      secret.revokedAt ??= desk.context().now;
    },
  ),

  /** Pastes a public key, as a JWK with its `kid`; the older ones stay live until they are revoked. */
  pasteKey: verb(
    v.strictObject({ clientId: v.string(), jwk: v.record(v.string(), v.unknown()) }),
    (desk, { clientId, jwk }) => pasteKey(desk.context(), appNamed(desk, clientId), jwk),
  ),

  /** Revokes a pasted key. */
  revokeKey: verb(v.strictObject({ clientId: v.string(), kid: v.string() }), (desk, args) => {
    const key = appNamed(desk, args.clientId).keys.find(({ kid }) => kid === args.kid);
    if (key === undefined) throw new Error("the app has no such key");
    key.revokedAt ??= desk.context().now;
  }),

  /** Says to which network and country an address belongs; default: AS16509 in US. */
  placeAddress: verb(
    v.strictObject({ address: v.string(), network: v.string(), country: v.string() }),
    (desk, { address, ...network }) => {
      desk.context().state.networks.set(address, network);
    },
  ),

  addShop: verb(
    v.strictObject({ shop: shopDomain, ...changeableShop }),
    (desk, { shop: domain, ...rest }) => {
      const { shops } = desk.context().state;
      if (shops.has(domain)) throw new Error("a shop with this domain exists");
      const fresh: Shop = {
        name: domain.replace(/\.myshopify\.com$/, ""),
        organization: "org-1",
        state: "open",
        flagged: false,
        ...rest,
        id: 1_000 + shops.size,
        domain,
      };
      shops.set(domain, fresh);
    },
  ),

  /** Freezes, locks, closes, reopens, flags or moves a shop. */
  changeShop: verb(
    v.strictObject({ shop: v.string(), ...changeableShop }),
    (desk, { shop, ...change }) => {
      Object.assign(shopNamed(desk, shop), change);
    },
  ),

  /** Installs an app; default scopes: the app's own. */
  install: verb(v.strictObject({ ...appOnShop, scopes: v.exactOptional(scopes) }), (desk, args) => {
    const app = appNamed(desk, args.clientId);
    shopNamed(desk, args.shop);
    grantScopes(desk.context(), args, args.scopes ?? app.scopes);
  }),

  /** Shopify's own link for a custom app, for one store and seven days, as the Dev Dashboard makes it. */
  distributionLink: verb(v.strictObject(appOnShop), (desk, args) => {
    appNamed(desk, args.clientId);
    shopNamed(desk, args.shop);
    return { url: makeDistributionLink(desk.context(), args) };
  }),

  /** Where the browser of a merchant goes who opens the installed app in the store's admin. */
  openApp: verb(v.strictObject(appOnShop), (desk, args) => {
    if (installationOf(desk.context().state, args) === undefined) throw notInstalled();
    const url = appUrlAddress(desk.context(), args);
    if (url === undefined) throw new Error("the app has no App URL");
    return { url };
  }),

  uninstall: verb(v.strictObject(appOnShop), (desk, args) => {
    if (!uninstall(desk.context(), args)) throw notInstalled();
  }),

  /** Changes what an installed app may do; announces `app/scopes_update`. */
  changeScopes: verb(v.strictObject({ ...appOnShop, scopes }), (desk, args) => {
    if (installationOf(desk.context().state, args) === undefined) throw notInstalled();
    grantScopes(desk.context(), args, args.scopes);
  }),

  /** The scopes that an installation holds, or null when the app is not installed. */
  installation: verb(v.strictObject(appOnShop), (desk: ControlDesk, args) => {
    const installation = installationOf(desk.context().state, args);
    return installation === undefined ? null : { scopes: [...installation.scopes] };
  }),
};

function addSecret(
  context: RuleContext,
  app: App,
  given: string | undefined,
): { clientSecret: string } {
  const value = given ?? `shpss_${context.randomness.hex(16)}`;
  app.secrets.push({
    id: `${app.clientId}/${app.secrets.length + 1}`,
    value,
    createdAt: context.now,
  });
  return { clientSecret: value };
}

function notInstalled(): Error {
  return new Error("the app is not installed on this shop");
}
