import type { Distribution } from "./app";
import type { Kind } from "./kinds";
import { DAY_MS, type EpochMs, isoOf } from "./time";

export { DISTRIBUTIONS, type Distribution, isDistribution } from "./app";

/** What follows from an app's distribution. */
export interface DistributionFacts {
  /** The kinds of store that it is made for; others are possible, and probably a mistake. */
  readonly kinds: readonly Kind[];
  /** Where a merchant's first installation begins: at our own link, or at one that Shopify makes. */
  readonly firstInstall: "install-link" | "shopifys-link";
  /** Whether Shopify asks for an IP allowlist before new installs. */
  readonly allowlist: "required" | "not-asked";
  /** When Shopify invalidates its access tokens without an end; undefined: it does not. */
  readonly nonExpiringEndsAt: EpochMs | undefined;
}

/** Shopify's changelog: "Expiring offline access tokens are required for all public apps from January 1, 2027". */
export const NON_EXPIRING_ENDS_AT = Date.UTC(2027, 0, 1) as EpochMs;

// Allowlists: Shopify's changelog of 5 November 2026 (public apps) and "IP allowlists" in the Dev Dashboard's
// documentation (custom apps on stores outside the organization), both for new installs from 20 November 2026.
export const DISTRIBUTION_FACTS: Readonly<Record<Distribution, DistributionFacts>> = {
  "own-organization": {
    kinds: ["client-credentials", "custom-app", "offline", "offline-expiring"],
    firstInstall: "install-link",
    allowlist: "not-asked",
    nonExpiringEndsAt: undefined,
  },
  custom: {
    kinds: ["custom-app", "offline", "offline-expiring"],
    firstInstall: "shopifys-link",
    allowlist: "required",
    nonExpiringEndsAt: undefined,
  },
  public: {
    kinds: ["offline-expiring"],
    firstInstall: "install-link",
    allowlist: "required",
    nonExpiringEndsAt: NON_EXPIRING_ENDS_AT,
  },
};

/** When a non-expiring token of an app ends; an app that does not say how it is distributed may be public. */
export function nonExpiringEndOf(distribution: Distribution | undefined): EpochMs | undefined {
  if (distribution === undefined) return NON_EXPIRING_ENDS_AT;
  return DISTRIBUTION_FACTS[distribution].nonExpiringEndsAt;
}

/** How many days before that end people are told of a token, the last of them once more until it ends. */
export const NON_EXPIRING_TOLD_DAYS = [90, 30, 7] as const;

export type NonExpiringTold = (typeof NON_EXPIRING_TOLD_DAYS)[number];

/** How near the end of an app's access tokens is that have none of their own; undefined: far, or they do not end. */
export function nonExpiringToldOf(
  distribution: Distribution | undefined,
  now: EpochMs,
): NonExpiringTold | undefined {
  const endsAt = nonExpiringEndOf(distribution);
  if (endsAt === undefined) return undefined;
  return NON_EXPIRING_TOLD_DAYS.findLast((days) => endsAt - now <= days * DAY_MS);
}

/** The day of that end, for people. */
export const NON_EXPIRING_ENDS_ON = isoOf(NON_EXPIRING_ENDS_AT).slice(0, 10);
