import type { AppKey } from "../../contract/brands";
import {
  DISTRIBUTION_FACTS,
  DISTRIBUTIONS,
  type Distribution,
  isDistribution,
  NON_EXPIRING_ENDS_ON,
} from "../../contract/distribution";
import { isApprovedByMerchant, type Kind, kindFactsOf } from "../../contract/kinds";
import { type ConfigNode, didYouMean } from "./node";

/** How an app is distributed; undefined: config does not say. */
export function parseDistribution(node: ConfigNode): Distribution | undefined {
  const text = node.text();
  if (text === undefined || isDistribution(text)) return text;
  return node.report(
    `must be one of ${DISTRIBUTIONS.join(", ")}${didYouMean(text, DISTRIBUTIONS)}`,
  );
}

/** A store and the distribution of its app. */
export interface DistributedStore {
  readonly kind: Kind;
  readonly app: AppKey | undefined;
  readonly distribution?: Distribution | undefined;
}

/** What follows for a store from how its app is distributed, in words; undefined: nothing. */
export function misfitOf({ kind, app, distribution }: DistributedStore): string | undefined {
  if (app === undefined || distribution === undefined) return undefined;
  if (DISTRIBUTION_FACTS[distribution].kinds.includes(kind)) return undefined;
  if (kindFactsOf({ kind }).renewer === "secrets-manager") {
    return `kind ${kind} is granted within the app's own organization only, and app ${app} is distributed as ${distribution}: use kind offline-expiring, or correct apps.${app}.distribution`;
  }
  return `app ${app} is public, and Shopify invalidates its access tokens without an end on ${NON_EXPIRING_ENDS_ON}: use kind offline-expiring`;
}

/** What is asked of an app whose stores merchants approve, when config does not say how it is distributed. */
export function unsaidDistribution(
  node: ConfigNode,
  stores: readonly DistributedStore[],
): string | undefined {
  const isApproved = stores.some(isApprovedByMerchant);
  if (!isApproved) return undefined;
  return `${node.path} is not set: installation, allowlist and the end of non-expiring tokens on ${NON_EXPIRING_ENDS_ON} depend on it. Next: pulumi config set --path '${node.path}' custom, or own-organization, or public`;
}
