import {
  type AccessToken,
  type App,
  type AppOnShop,
  type ClientSecret,
  installationOf,
  type RefreshToken,
  type RefreshTokenEnd,
  type RuleContext,
  sameAppOnShop,
  type TokenDeath,
  type TokenKind,
  type TokenPair,
} from "../state";

/** Lives that Shopify documents, in seconds. */
export const LIFE_SECONDS = {
  clientCredentials: 86_399,
  expiringAccess: 3_600,
  /** An application-only access token of a public app. */
  signedByPublicApp: 3_600,
  refresh: 7_776_000,
  /** A presented refresh token is kept this long after its first use. */
  refreshRetention: 2_592_000,
  migrationReplay: 604_800,
  /** The refresh token from an app's own page, which asks for its tokens under another client secret. */
  repinning: 3_600,
} as const;

const PREFIX: Record<TokenKind, string> = {
  "client-credentials": "shpat_",
  "custom-app": "shpat_",
  offline: "shpca_",
  "offline-expiring": "shpua_",
};

export interface TokenOwner extends AppOnShop {
  readonly secretId: string;
  readonly scopes: readonly string[];
}

export interface NewToken {
  readonly kind: TokenKind;
  readonly lifeSeconds: number | "never";
  /** A given value; default: a random one. */
  readonly value?: string;
}

/** Makes an access token and remembers it. */
export function mintAccessToken(
  context: RuleContext,
  owner: TokenOwner,
  wanted: NewToken,
): AccessToken {
  const token: AccessToken = {
    id: context.state.accessTokens.size + 1,
    value: wanted.value ?? shaped(context, PREFIX[wanted.kind]),
    kind: wanted.kind,
    clientId: owner.clientId,
    shop: owner.shop,
    scopes: owner.scopes,
    secretId: owner.secretId,
    issuedAt: context.now,
    expiresAt: wanted.lifeSeconds === "never" ? "never" : context.now + wanted.lifeSeconds * 1_000,
  };
  context.state.accessTokens.set(token.value, token);
  return token;
}

/** Makes an expiring access token with its refresh token. */
export function mintPair(
  context: RuleContext,
  owner: TokenOwner,
  parent?: RefreshToken,
): TokenPair {
  const access = mintAccessToken(context, owner, {
    kind: "offline-expiring",
    lifeSeconds: LIFE_SECONDS.expiringAccess,
  });
  const refresh: RefreshToken = {
    value: shaped(context, "shprt_"),
    clientId: owner.clientId,
    shop: owner.shop,
    scopes: owner.scopes,
    secretId: owner.secretId,
    issuedAt: context.now,
    expiresAt: context.now + LIFE_SECONDS.refresh * 1_000,
    ...(parent === undefined ? {} : { parent: parent.value }),
  };
  context.state.refreshTokens.set(refresh.value, refresh);
  return { access, refresh };
}

/** An acquisition: the pair is new and every older refresh token of the app on that shop dies; access tokens do not. */
export function acquirePair(context: RuleContext, owner: TokenOwner): TokenPair {
  retireRefreshTokens(context, owner, "acquired-again");
  return mintPair(context, owner);
}

export function retireRefreshTokens(
  context: RuleContext,
  of: AppOnShop,
  end: RefreshTokenEnd,
): void {
  for (const token of context.state.refreshTokens.values()) {
    if (sameAppOnShop(token, of)) token.retired ??= end;
  }
}

export function killAccessTokens(
  context: RuleContext,
  of: AppOnShop & { kind?: TokenKind },
  death: TokenDeath,
): void {
  for (const token of context.state.accessTokens.values()) {
    if (sameAppOnShop(token, of) && (of.kind ?? token.kind) === token.kind) token.death ??= death;
  }
}

/** Public apps' tokens without an end are no longer accepted from then on. */
export const ALL_PUBLIC_APPS_EXPIRE_FROM = Date.UTC(2027, 0, 1);

/** Why the token is dead, or undefined while it lives. */
export function deathOf(context: RuleContext, token: AccessToken): TokenDeath | undefined {
  if (token.death !== undefined) return token.death;
  if (isInvalidated(context, token)) return "invalidated";
  if (isSecretRevoked(context, token)) return "secret-revoked";
  return token.expiresAt !== "never" && token.expiresAt <= context.now ? "expired" : undefined;
}

/** Shopify's migration page: it "invalidates any remaining non-expiring tokens" of public apps on that day. */
function isInvalidated(context: RuleContext, { clientId, kind, issuedAt }: AccessToken): boolean {
  if (context.switches.nonExpiringAfterTheEnd !== "invalidated" || kind !== "offline") return false;
  const isOld = issuedAt < ALL_PUBLIC_APPS_EXPIRE_FROM;
  const isPublic = context.state.apps.get(clientId)?.distribution === "public";
  return isPublic && isOld && context.now >= ALL_PUBLIC_APPS_EXPIRE_FROM;
}

/** Seconds of life left, 0 for a dead token. */
export function secondsLeft(context: RuleContext, token: AccessToken): number | "never" {
  if (deathOf(context, token) !== undefined) return 0;
  return token.expiresAt === "never" ? "never" : (token.expiresAt - context.now) / 1_000;
}

/** What an access token may do now, or what a refresh token would grant now. */
export function scopesOfToken(
  context: RuleContext,
  token: AccessToken | RefreshToken,
): readonly string[] {
  if (context.switches.scopesOfLiveTokens === "fixed-at-mint") return token.scopes;
  return installationOf(context.state, token)?.scopes ?? token.scopes;
}

/** Says whether the client secret, or the key, that minted a token was revoked and takes the token with it. */
export function isSecretRevoked(
  context: RuleContext,
  token: { clientId: string; secretId: string },
): boolean {
  const provenBy = proofsOf(context, context.state.apps.get(token.clientId)).find(
    ({ id }) => id === token.secretId,
  );
  return provenBy?.revokedAt !== undefined && provenBy.revokedAt <= context.now;
}

/** What an app's tokens die with. */
function proofsOf(
  { switches }: RuleContext,
  app: App | undefined,
): readonly Pick<ClientSecret, "id" | "revokedAt">[] {
  if (app === undefined) return [];
  return switches.revokedKey === "tokens-die" ? [...app.secrets, ...app.keys] : app.secrets;
}

function shaped(context: RuleContext, prefix: string): string {
  return `${context.switches.tokenShape === "prefixed" ? prefix : ""}${context.randomness.hex(16)}`;
}
