import { BlockList } from "node:net";
import { type App, installationOf, type Network, type RuleContext, type Shop } from "../state";
import type { ForbiddenCause } from "./admin-refusals";

const AWS_IN_AMERICA: Network = { network: "AS16509", country: "US" };

/** From then on new installs of public apps, and of custom apps on foreign stores, need an allowlist. */
const REQUIRED_FROM = Date.UTC(2026, 10, 20);

/**
 * Why a call from an address is refused; undefined: it passes, as every call of an app without a list does.
 *
 * Source: Shopify's changelog of 5 November 2026: addresses and ranges, or network numbers together with countries.
 */
export function refusedByList(
  context: RuleContext,
  app: App,
  address: string,
): ForbiddenCause | undefined {
  if (!hasAllowlist(app)) return undefined;
  const { allowedAddresses = [], allowedNetworks = [], allowedCountries = [] } = app;
  if (allowedAddresses.some((range) => isWithin(address, range))) return undefined;
  if (allowedNetworks.length === 0) return "address-not-allowed";
  const from = context.state.networks.get(address) ?? AWS_IN_AMERICA;
  if (!allowedNetworks.includes(from.network)) return "network-not-allowed";
  return allowedCountries.includes(from.country) ? undefined : "country-not-allowed";
}

function hasAllowlist({ allowedAddresses, allowedNetworks }: App): boolean {
  return allowedAddresses !== undefined || allowedNetworks !== undefined;
}

function isWithin(address: string, range: string): boolean {
  const [head = "", bits] = range.split("/");
  const family = head.includes(":") ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(head, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  return list.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

/** Whether the app may not come to a store anew because it has no allowlist. */
export function needsAllowlist(context: RuleContext, app: App, shop: Shop): boolean {
  if (context.switches.installWithoutAllowlist === "allowed" || hasAllowlist(app)) return false;
  const isForeign = app.distribution === "public" || app.organization !== shop.organization;
  const on = { clientId: app.clientId, shop: shop.domain };
  const isNew = installationOf(context.state, on) === undefined;
  return isForeign && isNew && context.now >= REQUIRED_FROM;
}
