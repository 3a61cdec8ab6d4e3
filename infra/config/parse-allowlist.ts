import {
  ALLOWLIST_MODES,
  type AllowlistMode,
  COUNTRY_CODE,
  isAddressRange,
  NETWORK_NUMBER,
} from "../../contract/allowlist";
import { type ConfigNode, didYouMean, isMap } from "./node";
import type { Consumer, VpcPlacement } from "./spec";

/** How the functions stand on an app's allowlist; undefined: config does not say. */
export function parseAllowlistMode(node: ConfigNode): AllowlistMode | undefined {
  const text = node.text();
  const mode = ALLOWLIST_MODES.find((known) => known === text);
  if (text === undefined || mode !== undefined) return mode;
  return node.report(
    `must be one of ${ALLOWLIST_MODES.join(", ")}${didYouMean(text, ALLOWLIST_MODES)}`,
  );
}

/** Addresses of their own are the ones of the functions' network. */
export function reportMissingAddresses(
  node: ConfigNode,
  {
    mode,
    vpc,
  }: { readonly mode: AllowlistMode | undefined; readonly vpc: VpcPlacement | undefined },
): void {
  if (mode !== "addresses" || (vpc?.addresses ?? []).length > 0) return;
  node.report(
    "needs addresses of the functions' own: put them into shopify-secrets:vpc with the addresses that their requests come from (addresses), as examples/fixed-egress makes them, or say networks",
  );
}

/** The addresses and ranges of a list. */
export function parseAddresses(node: ConfigNode): string[] {
  if (node.isAbsent) return [];
  const found = node.texts(/./, "must be an address or a range, such as 203.0.113.7/32");
  const wrong = found.filter((text) => !isAddressRange(text));
  if (wrong.length > 0) node.report("must be addresses or ranges, such as 203.0.113.7/32");
  return found.filter(isAddressRange);
}

const CONSUMER_KEYS = ["addresses", "networks", "countries"];

/** The applications that config names, so that no allowlist is made without them. */
export function parseConsumers(node: ConfigNode): Consumer[] {
  return node.entries().flatMap(([name, consumer]) => parseConsumer(name, consumer) ?? []);
}

function parseConsumer(name: string, node: ConfigNode): Consumer | undefined {
  if (!isMap(node.value)) {
    return node.report("must be a map with addresses, or with networks and countries");
  }
  node.allowKeys(CONSUMER_KEYS);
  const addresses = parseAddresses(node.child("addresses"));
  const networks = node
    .child("networks")
    .texts(NETWORK_NUMBER, "must be a network number such as AS16509");
  const countries = node
    .child("countries")
    .texts(COUNTRY_CODE, "must be a country's code such as US");
  if (networks.length > 0 !== countries.length > 0) {
    return node.report("networks and countries go together: Shopify takes the one with the other");
  }
  if (addresses.length === 0 && networks.length === 0) {
    return node.report("names nothing that lets it pass: addresses, or networks and countries");
  }
  return { name, addresses, networks, countries };
}
