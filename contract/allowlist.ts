/**
 * How the functions stand on an app's IP allowlist: by the provider's networks and the region's country, which
 * costs nothing and lets every customer of AWS in that country pass, or by addresses of their own.
 */
export const ALLOWLIST_MODES = ["networks", "addresses"] as const;

export type AllowlistMode = (typeof ALLOWLIST_MODES)[number];

/** What stands on an allowlist. Shopify takes addresses and ranges, or network numbers together with countries. */
export interface Allowed {
  /** Addresses and ranges (CIDR), such as `203.0.113.7/32`. */
  readonly addresses: readonly string[];
  /** Network numbers, such as `AS16509`. */
  readonly networks: readonly string[];
  /** ISO 3166 codes of the countries of those networks. */
  readonly countries: readonly string[];
}

/** AWS's network; in us-east-1 an older one of Amazon's as well. Source: the ASNs of AWS's published address ranges. */
const AWS_NETWORK = "AS16509";
const AMAZON_NETWORK = "AS14618";

/** The country of each region. Source: AWS's "Regions and Availability Zones". */
const COUNTRIES: Readonly<Record<string, string>> = {
  "af-south-1": "ZA",
  "ap-east-1": "HK",
  "ap-east-2": "TW",
  "ap-northeast-1": "JP",
  "ap-northeast-2": "KR",
  "ap-northeast-3": "JP",
  "ap-south-1": "IN",
  "ap-south-2": "IN",
  "ap-southeast-1": "SG",
  "ap-southeast-2": "AU",
  "ap-southeast-3": "ID",
  "ap-southeast-4": "AU",
  "ap-southeast-5": "MY",
  "ap-southeast-6": "NZ",
  "ap-southeast-7": "TH",
  "ca-central-1": "CA",
  "ca-west-1": "CA",
  "eu-central-1": "DE",
  "eu-central-2": "CH",
  "eu-north-1": "SE",
  "eu-south-1": "IT",
  "eu-south-2": "ES",
  "eu-west-1": "IE",
  "eu-west-2": "GB",
  "eu-west-3": "FR",
  "il-central-1": "IL",
  "me-central-1": "AE",
  "me-south-1": "BH",
  "mx-central-1": "MX",
  "sa-east-1": "BR",
  "us-east-1": "US",
  "us-east-2": "US",
  "us-gov-east-1": "US",
  "us-gov-west-1": "US",
  "us-west-1": "US",
  "us-west-2": "US",
};

/** The country of a region; undefined: one that is younger than this list. */
export function countryOf(region: string): string | undefined {
  return COUNTRIES[region];
}

/** What lets the functions of a region pass that have no addresses of their own. */
export function networksOf(region: string): Allowed {
  const country = countryOf(region);
  return {
    addresses: [],
    networks: region === "us-east-1" ? [AWS_NETWORK, AMAZON_NETWORK] : [AWS_NETWORK],
    countries: [country ?? `the country of ${region}`],
  };
}

/** All of them on one list, each once. */
export function joinAllowed(allowed: readonly Allowed[]): Allowed {
  const all = (part: keyof Allowed) => [...new Set(allowed.flatMap((one) => one[part]))].sort();
  return { addresses: all("addresses"), networks: all("networks"), countries: all("countries") };
}

// An IPv4 address or range, or an IPv6 one, as the Dev Dashboard takes them.
const IPV4 =
  /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\/(?:3[0-2]|[12]?\d))?$/;
const IPV6 =
  /^(?=[0-9a-fA-F:]{2,39}(?:\/\d{1,3})?$)[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:\/(?:12[0-8]|1[01]\d|\d?\d))?$/;

/** Whether a text is an address or a range of addresses. */
export function isAddressRange(text: string): boolean {
  return IPV4.test(text) || IPV6.test(text);
}

export const NETWORK_NUMBER = /^AS[1-9]\d{0,9}$/;
export const COUNTRY_CODE = /^[A-Z]{2}$/;
