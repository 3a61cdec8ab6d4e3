import { newestStable, retiresAt, standingOf } from "../../contract/api-versions";
import { type ApiVersion, DEFAULT_API_VERSION, isApiVersion } from "../../contract/brands";
import { type EpochMs, isoOf } from "../../contract/time";
import type { ConfigNode } from "./node";

/** Stands for the newest stable version at each `up`: the first one after a quarter's beginning moves the fleet. */
export const NEWEST = "newest";

/** What an API version needs to know of the rest of config. */
export interface ApiVersionContext {
  readonly now: EpochMs;
  readonly warn: (warning: string) => void;
}

/** The version of the Admin API under a key; `fallback` when none stands there. */
export function parseApiVersion(
  node: ConfigNode,
  fallback: ApiVersion,
  context: ApiVersionContext,
): ApiVersion {
  const version = node.text();
  if (version === undefined) return fallback;
  if (version === NEWEST) return newestStable(context.now);
  if (!isApiVersion(version)) {
    node.report(`must be a stable API version, such as ${newestStable(context.now)}, or ${NEWEST}`);
    return fallback;
  }
  tellStanding(node, version, context);
  return version;
}

/** The fleet's version: the one in config, or the product's own default, which ages too. */
export function parseFleetApiVersion(node: ConfigNode, context: ApiVersionContext): ApiVersion {
  if (node.isAbsent) tellStanding(node, DEFAULT_API_VERSION, context);
  return parseApiVersion(node, DEFAULT_API_VERSION, context);
}

function tellStanding(node: ConfigNode, version: ApiVersion, { now, warn }: ApiVersionContext) {
  const newest = newestStable(now);
  const next = `Next: pulumi config set --path '${node.path}' ${newest}, then pulumi up --continue-on-error`;
  switch (standingOf(version, now)) {
    case "unreleased":
      node.report(
        `names a version that Shopify does not serve yet: ${newest} is the newest; give that, or leave this out`,
      );
      break;
    case "candidate":
      warn(`${node.path}: ${version} is a release candidate and still changes. ${next}`);
      break;
    case "ending":
      warn(
        `${node.path}: Shopify serves ${version} until ${dayOf(version)}; from then on a newer one answers in its place, silently. ${next}`,
      );
      break;
    case "retired":
      warn(
        `${node.path}: ${version} was retired on ${dayOf(version)}: a newer one answers in its place, silently. ${next}`,
      );
      break;
    case "served":
  }
}

function dayOf(version: ApiVersion): string {
  return isoOf(retiresAt(version)).slice(0, 10);
}
