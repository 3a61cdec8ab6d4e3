/** Tags under this prefix are written by functions only; Pulumi's provider is told to ignore them. */
export const STATUS_TAG_PREFIX = "shopify-secrets:";

/** The status of a store: a few tags, so that it is read by ListSecrets without any value. */
export const STATUS_TAGS = {
  state: `${STATUS_TAG_PREFIX}state`,
  lastSuccessAt: `${STATUS_TAG_PREFIX}last-success-at`,
  lastErrorCode: `${STATUS_TAG_PREFIX}last-error-code`,
  lastErrorAt: `${STATUS_TAG_PREFIX}last-error-at`,
  expiresAt: `${STATUS_TAG_PREFIX}expires-at`,
  /** The end of the refresh token. */
  refreshTokenExpiresAt: `${STATUS_TAG_PREFIX}refresh-token-expires-at`,
  /** Wanted scopes that the access token lacks, with a blank between (a tag takes no comma), cut at 256 characters. */
  missingScopes: `${STATUS_TAG_PREFIX}missing-scopes`,
} as const;

/** The states a store can be in. */
export const STORE_STATES = [
  "ok",
  "awaiting_token",
  "awaiting_merchant",
  "failing",
  "dead",
  "uninstalled",
] as const;

export type StoreState = (typeof STORE_STATES)[number];
