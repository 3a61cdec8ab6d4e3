import type { Randomness } from "./randomness";
import type { Switches } from "./switches";

export type TokenKind = "client-credentials" | "custom-app" | "offline" | "offline-expiring";
export type ShopState = "open" | "frozen" | "locked" | "closed";
export type Distribution = "custom" | "public";

export interface ClientSecret {
  readonly id: string;
  readonly value: string;
  readonly createdAt: number;
  revokedAt?: number;
}

/** A public key that was pasted in the app's settings, as a JWK. */
export interface PastedKey {
  /** What tokens are pinned to. */
  readonly id: string;
  readonly kid: string;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  revokedAt?: number;
}

export interface App {
  readonly clientId: string;
  name: string;
  organization: string;
  distribution: Distribution;
  readonly createdAt: number;
  /** Until then the token endpoint does not know the app: Shopify spreads new apps with a delay. */
  readonly knownFrom: number;
  /** Oldest first. */
  readonly secrets: ClientSecret[];
  /** Oldest first; none: the app does not sign. */
  readonly keys: PastedKey[];
  /** When the client assertions that were presented end, by their `jti`. */
  readonly presented: Map<string, number>;
  /** What the released app version asks for when an authorize request names no scope. */
  scopes: readonly string[];
  redirectUris: readonly string[];
  /** Where Shopify sends the merchant who opens or installs the app; absent: nowhere. */
  appUrl?: string;
  /** Whether the app is shown in a frame of the store's admin. */
  embedded?: boolean;
  /** Whether Shopify manages the installation: the released scopes are granted, whatever a link asks for. */
  managedInstall?: boolean;
  webhookAddress?: string;
  /** Whether it subscribed to the compliance topics, which Shopify's review asks of public apps. */
  complianceTopics?: boolean;
  /** Source addresses and ranges that Admin API calls are pinned to; neither these nor networks: any. */
  allowedAddresses?: readonly string[];
  /** Network numbers, such as `AS16509`, which let pass together with a country. */
  allowedNetworks?: readonly string[];
  allowedCountries?: readonly string[];
}

export interface Shop {
  readonly id: number;
  readonly domain: string;
  name: string;
  organization: string;
  state: ShopState;
  flagged: boolean;
}

export interface Installation {
  readonly clientId: string;
  readonly shop: string;
  scopes: readonly string[];
  readonly installedAt: number;
}

/** Why a token that once lived is refused. */
export type TokenDeath =
  | "unknown"
  | "expired"
  | "revoked"
  | "secret-revoked"
  | "superseded"
  | "migrated"
  /** A public app's token without an end, on 1 January 2027. */
  | "invalidated"
  | "uninstalled";

export interface AccessToken {
  readonly id: number;
  readonly value: string;
  readonly kind: TokenKind;
  readonly clientId: string;
  readonly shop: string;
  scopes: readonly string[];
  /** The client secret or the key that minted it; revoking that secret kills the token. */
  readonly secretId: string;
  readonly issuedAt: number;
  readonly expiresAt: number | "never";
  death?: TokenDeath;
}

export interface RefreshToken {
  readonly value: string;
  readonly clientId: string;
  readonly shop: string;
  readonly scopes: readonly string[];
  readonly secretId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** The refresh token that it replaced; absent after an acquisition. */
  readonly parent?: string;
  firstUsedAt?: number;
  retired?: RefreshTokenEnd;
  /** The last pair that it was exchanged for. */
  replacement?: TokenPair;
}

export type RefreshTokenEnd =
  | "replacement-presented"
  | "acquired-again"
  | "uninstalled"
  | "revoked";

export interface TokenPair {
  readonly access: AccessToken;
  readonly refresh: RefreshToken;
}

export interface AuthorizationCode {
  readonly value: string;
  readonly clientId: string;
  readonly shop: string;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  used: boolean;
}

export interface Migration {
  readonly subject: string;
  readonly clientId: string;
  readonly at: number;
  readonly pair: TokenPair;
}

/** A link of custom distribution: for one app on one store, and for some days. */
export interface DistributionLink extends AppOnShop {
  readonly token: string;
  readonly endsAt: number;
}

/** What the page of an app hands out to ask for its tokens anew, for an hour. */
export interface RepinningToken {
  readonly clientId: string;
  readonly endsAt: number;
}

/** An authorize page that waits for the merchant's answer. */
export interface PendingApproval {
  readonly id: string;
  readonly clientId: string;
  readonly shop: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly state: string | undefined;
}

/** Where an address belongs. */
export interface Network {
  readonly network: string;
  readonly country: string;
}

export interface ShopifyState {
  /** Whose addresses these are; those that are not named belong to AWS in the United States. */
  readonly networks: Map<string, Network>;
  readonly apps: Map<string, App>;
  readonly shops: Map<string, Shop>;
  readonly installations: Map<string, Installation>;
  readonly accessTokens: Map<string, AccessToken>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly codes: Map<string, AuthorizationCode>;
  readonly migrations: Map<string, Migration>;
  readonly approvals: Map<string, PendingApproval>;
  readonly distributionLinks: Map<string, DistributionLink>;
  readonly repinningTokens: Map<string, RepinningToken>;
}

/** Something that an app may have subscribed to. */
export type ShopifyEvent = AppOnShop &
  (
    | { readonly topic: "app/uninstalled" }
    | { readonly topic: "shop/redact" }
    | {
        readonly topic: "app/scopes_update";
        readonly previous: readonly string[];
        readonly current: readonly string[];
      }
  );

/** Everything that a rule may look at. */
export interface RuleContext {
  readonly state: ShopifyState;
  /** Milliseconds since the epoch, on the moved clock. */
  readonly now: number;
  readonly switches: Switches;
  readonly randomness: Randomness;
  readonly announce: (event: ShopifyEvent) => void;
}

export function emptyState(): ShopifyState {
  return {
    networks: new Map(),
    apps: new Map(),
    shops: new Map(),
    installations: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
    codes: new Map(),
    migrations: new Map(),
    approvals: new Map(),
    distributionLinks: new Map(),
    repinningTokens: new Map(),
  };
}

export interface AppOnShop {
  readonly clientId: string;
  readonly shop: string;
}

export function installationOf(state: ShopifyState, on: AppOnShop): Installation | undefined {
  return state.installations.get(`${on.clientId} ${on.shop}`);
}

export function putInstallation(state: ShopifyState, installation: Installation): void {
  state.installations.set(`${installation.clientId} ${installation.shop}`, installation);
}

export function removeInstallation(state: ShopifyState, on: AppOnShop): void {
  state.installations.delete(`${on.clientId} ${on.shop}`);
}

/** Says whether two things belong to the same app on the same shop. */
export function sameAppOnShop(left: AppOnShop, right: AppOnShop): boolean {
  return left.clientId === right.clientId && left.shop === right.shop;
}

export function liveSecretsOf(app: App): ClientSecret[] {
  return app.secrets.filter((secret) => secret.revokedAt === undefined);
}
