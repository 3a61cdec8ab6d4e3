/** A store's permanent `*.myshopify.com` host. */
export type ShopDomain = string & { readonly __brand: "ShopDomain" };
/** The key of a store in config: lower-case letters, digits and inner hyphens. */
export type StoreKey = string & { readonly __brand: "StoreKey" };
/** The key of an app in config. */
export type AppKey = string & { readonly __brand: "AppKey" };
/** The full ARN of a Secrets Manager secret. */
export type SecretArn = string & { readonly __brand: "SecretArn" };
/** The ID of one immutable version of a secret. */
export type VersionId = string & { readonly __brand: "VersionId" };
/** The full ARN of a KMS key. */
export type KeyArn = string & { readonly __brand: "KeyArn" };
/** A stable version of Shopify's Admin API, such as `2026-10`. */
export type ApiVersion = string & { readonly __brand: "ApiVersion" };

const SHOP_DOMAIN = /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/;
const KEY = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;
const SECRET_ARN =
  /^arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}$/;
const KEY_ARN = /^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,128}$/;
const VERSION_ID = /^[\x21-\x7e]{32,64}$/;
const API_VERSION = /^20\d\d-(?:01|04|07|10)$/;

// Each guard is the only place where a string becomes its brand. None echoes the text: people paste tokens.

/** The longest shop domain that is looked at: DNS allows 253 characters in a host name. */
const LONGEST_HOST = 253;

export function isShopDomain(text: unknown): text is ShopDomain {
  return typeof text === "string" && text.length <= LONGEST_HOST && SHOP_DOMAIN.test(text);
}

export function isStoreKey(text: unknown): text is StoreKey {
  return typeof text === "string" && KEY.test(text);
}

export function isAppKey(text: unknown): text is AppKey {
  return typeof text === "string" && KEY.test(text);
}

export function isSecretArn(text: unknown): text is SecretArn {
  return typeof text === "string" && SECRET_ARN.test(text);
}

export function isKeyArn(text: unknown): text is KeyArn {
  return typeof text === "string" && KEY_ARN.test(text);
}

/** The ID of a KMS key, which its ARN ends with: the `kid` of its public key at Shopify. */
export function keyIdOf(keyArn: KeyArn): string {
  return keyArn.slice(keyArn.lastIndexOf("/") + 1);
}

export function isVersionId(text: unknown): text is VersionId {
  return typeof text === "string" && VERSION_ID.test(text);
}

export function isApiVersion(text: unknown): text is ApiVersion {
  return typeof text === "string" && API_VERSION.test(text);
}

/** The version of the Admin API that records name when config does not choose one. */
export const DEFAULT_API_VERSION = "2026-10" as ApiVersion;

/** The address of a store's GraphQL Admin API. */
export function graphqlUrlOf(shop: ShopDomain, apiVersion: ApiVersion): string {
  return `https://${shop}/admin/api/${apiVersion}/graphql.json`;
}
