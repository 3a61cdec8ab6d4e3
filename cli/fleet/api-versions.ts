import { newestStable, retiresAt, standingOf } from "../../contract/api-versions";
import type { ApiVersion, StoreKey } from "../../contract/brands";
import { INSTALLED, LISTED, originOf } from "../../contract/names";
import { plural } from "../../contract/plural";
import { type EpochMs, isoOf } from "../../contract/time";
import type { StoreSeen } from "./store-view";

/** A version of the Admin API that stores are declared with and that Shopify ends soon, or has ended. */
export interface AgingVersion {
  readonly version: ApiVersion;
  readonly standing: "ending" | "retired";
  readonly retiresAt: EpochMs;
  readonly stores: readonly StoreKey[];
  /** One sentence: what is wrong. */
  readonly says: string;
  readonly next: string;
}

/**
 * The versions of a fleet that are in their last quarter or behind it, oldest first.
 *
 * Shopify answers a retired version with a newer one, silently: nothing else shows that an application gets
 * other answers than it was written for.
 */
export function agingVersions(fleet: readonly StoreSeen[], now: EpochMs): AgingVersion[] {
  const versions = [...new Set(fleet.flatMap(({ declaration }) => declaration?.apiVersion ?? []))];
  return versions.sort().flatMap((version): AgingVersion[] => {
    const standing = standingOf(version, now);
    if (standing !== "ending" && standing !== "retired") return [];
    const own = fleet.filter(({ declaration }) => declaration?.apiVersion === version);
    const stores = own.map(({ store }) => store);
    return [
      { version, standing, retiresAt: retiresAt(version), stores, ...words(own, version, now) },
    ];
  });
}

function words(
  stores: readonly StoreSeen[],
  version: ApiVersion,
  now: EpochMs,
): Pick<AgingVersion, "says" | "next"> {
  const day = isoOf(retiresAt(version)).slice(0, 10);
  const isOver = standingOf(version, now) === "retired";
  const when = isOver ? `was retired on ${day}` : `is served until ${day}`;
  const then = isOver ? "answers" : "then answers";
  const origins = new Set(stores.map(({ facts }) => originOf(facts)));
  return {
    says: `version ${version} of the Admin API (${plural(stores.length, "store")}) ${when}; a newer one ${then} in its place, silently`,
    next: [
      `pulumi config set shopify-secrets:apiVersion ${newestStable(now)}, then pulumi up --continue-on-error`,
      origins.has(LISTED) ? ", then shopify-secrets apply" : "",
      origins.has(INSTALLED)
        ? "; a store whose merchant came by himself keeps the version that it came with until config adopts its secret"
        : "",
    ].join(""),
  };
}
