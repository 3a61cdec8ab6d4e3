import type { StoreKey } from "./brands";

/** The routes of the install endpoint, as API Gateway writes them. */
export const INSTALL_ROUTES = {
  /** The App URL: where Shopify sends the merchant who installs the app by Shopify's own link, or opens it. */
  appUrl: "GET /",
  /** Where the merchant's link leads. */
  install: "GET /install/{store}",
  /** Where the button leads of a merchant who wants to approve a store that is well. */
  approve: "POST /install/{store}",
  /** Where Shopify sends the merchant's browser back to. */
  callback: "GET /callback",
  /** Where Shopify delivers webhooks. */
  webhooks: "POST /webhooks",
} as const;

export type InstallRoute = (typeof INSTALL_ROUTES)[keyof typeof INSTALL_ROUTES];

const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a text is the lower-case name of a host, without scheme, port or path. */
export function isHostName(text: unknown): text is string {
  return typeof text === "string" && HOST.test(text);
}

/** The base URL of an endpoint under this host. */
export function installBaseUrlOf(host: string): string {
  return `https://${host}`;
}

/** The address that an app names as its App URL. */
export function appUrlOf(baseUrl: string): string {
  return `${withoutSlash(baseUrl)}/`;
}

/** The address that an app's redirect URLs must hold. */
export function callbackUrlOf(baseUrl: string): string {
  return `${withoutSlash(baseUrl)}/callback`;
}

/** The address that an app's webhook subscriptions name. */
export function webhooksUrlOf(baseUrl: string): string {
  return `${withoutSlash(baseUrl)}/webhooks`;
}

/**
 * The link that a merchant opens to approve a store; it is no secret and works any number of times.
 *
 * @param baseUrl the stack output `installBaseUrl`
 * @param store the key in the name of the store's secret
 */
export function installLinkOf(baseUrl: string, store: StoreKey): string {
  return `${withoutSlash(baseUrl)}/install/${store}`;
}

/** An address without the slashes at its end, in linear time. */
export function withoutSlash(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
