import type { Credential } from "../../contract/app";
import type { AppKey } from "../../contract/brands";
import {
  DISTRIBUTION_FACTS,
  DISTRIBUTIONS,
  type Distribution,
  isDistribution,
  NON_EXPIRING_ENDS_AT,
  NON_EXPIRING_ENDS_ON,
  nonExpiringToldOf,
} from "../../contract/distribution";
import {
  isApprovedByMerchant,
  isSigned,
  type Kind,
  kindAfterMigration,
  kindFactsOf,
  kindWithoutMerchant,
} from "../../contract/kinds";
import { moveToKey } from "../../contract/move-to-key";
import { plural } from "../../contract/plural";
import { DAY_MS, type EpochMs } from "../../contract/time";
import { type ConfigNode, didYouMean } from "./node";
import { parseCredential } from "./parse-credential";

/** How an app is distributed; undefined: config does not say. */
export function parseDistribution(node: ConfigNode): Distribution | undefined {
  const text = node.text();
  if (text === undefined || isDistribution(text)) return text;
  return node.report(
    `must be one of ${DISTRIBUTIONS.join(", ")}${didYouMean(text, DISTRIBUTIONS)}`,
  );
}

/** What config says of an app to the stores that name it. */
export interface DeclaredApp {
  readonly distribution: Distribution | undefined;
  /** What it says of the tokens that merchants granted it, whatever its stores are declared as. */
  readonly offlineTokens: OfflineTokens;
  /** How it gets tokens for its stores; undefined: with its client secret. */
  readonly credential?: Credential | undefined;
}

/**
 * What an app may say of the tokens that merchants granted it: what each store is declared as, that all of them end, or
 * that its key gets one for each store.
 */
export const OFFLINE_TOKENS = ["as-declared", "expiring", "signed"] as const;

export type OfflineTokens = (typeof OFFLINE_TOKENS)[number];

export function parseDeclaredApp(node: ConfigNode): DeclaredApp {
  const app = {
    distribution: parseDistribution(node.child("distribution")),
    offlineTokens: parseOfflineTokens(node.child("offlineTokens")),
    credential: parseCredential(node.child("credential")),
  };
  if (app.offlineTokens === "signed") reportUnsigned(node, app);
  return app;
}

function parseOfflineTokens(node: ConfigNode): OfflineTokens {
  const text = node.text();
  const known = OFFLINE_TOKENS.find((one) => one === text);
  if (text !== undefined && known === undefined) {
    node.report(`must be one of ${OFFLINE_TOKENS.join(", ")}${didYouMean(text, OFFLINE_TOKENS)}`);
  }
  return known ?? "as-declared";
}

/** A key gets a token for any store that installed the app of a public app alone. */
function reportUnsigned(app: ConfigNode, { distribution, credential }: DeclaredApp): void {
  const node = app.child("offlineTokens");
  if (credential !== "signing-key") {
    node.report(`is signed, and the app does not sign: set ${app.path}.credential to signing-key`);
  }
  if (distribution !== undefined && distribution !== "public") {
    node.report(
      `is signed, and Shopify grants tokens for what a key signed in stores of other organizations to public apps alone: remove this, or correct ${app.path}.distribution`,
    );
  }
}

/** The kind of a store under its app: of one whose tokens are all to end, or to be signed for, no store keeps another. */
export function kindUnder(app: DeclaredApp | undefined, kind: Kind): Kind {
  if (app?.offlineTokens === "signed") return kindWithoutMerchant(kind);
  return app?.offlineTokens === "expiring" ? kindAfterMigration(kind) : kind;
}

/** A store whose token has no end, as far as config tells. */
interface EndlessStore extends DistributedStore {
  readonly key: string;
}

/**
 * What is said of the tokens without an end that Shopify invalidates: of a public app always, of one that does not
 * say from 90 days before. One line for each app, with every store.
 *
 * @param apps the node of config's apps
 */
export function endingTokens(
  apps: ConfigNode,
  stores: readonly EndlessStore[],
  now: EpochMs,
): string[] {
  const ending = stores.filter(
    ({ kind, distribution }) =>
      kindFactsOf({ kind }).migratable &&
      (distribution === "public" || nonExpiringToldOf(distribution, now) !== undefined),
  );
  return [...new Set(ending.map(({ app }) => app))].map((app) => {
    const own = ending.filter((store) => store.app === app);
    return endingSays(app === undefined ? undefined : apps.child(app), own, now);
  });
}

function endingSays(
  app: ConfigNode | undefined,
  stores: readonly EndlessStore[],
  now: EpochMs,
): string {
  const days = Math.ceil((NON_EXPIRING_ENDS_AT - now) / DAY_MS);
  const when =
    days > 0
      ? `on ${NON_EXPIRING_ENDS_ON}, in ${plural(days, "day")}`
      : `since ${NON_EXPIRING_ENDS_ON}`;
  const names = stores.map(({ key }) => key).join(", ");
  const [first] = stores;
  const isPublic = first?.distribution === "public";
  const whose = isPublic ? "" : " if their app is public";
  const says = `Shopify invalidates access tokens without an end${whose} ${when}, and their merchants have to approve again: ${names}`;
  if (app === undefined) return `${says}. Next: name their app in config`;
  const migrate = `pulumi config set --path '${app.path}.offlineTokens' expiring, then pulumi up --continue-on-error, then shopify-secrets migrate --app ${first?.app}`;
  if (isPublic && first?.app !== undefined) {
    return `${app.path}: ${says}. Next: without them, by the app's own key (experimental, with a way back: docs/signing.md): ${moveToKey(first.app, app.path)}; or for pairs: ${migrate}`;
  }
  const exempt = `; of a custom app: pulumi config set --path '${app.path}.distribution' custom`;
  return `${app.path}: ${says}. Next: ${migrate}${exempt}`;
}

/** A store and the distribution of its app. */
export interface DistributedStore {
  readonly kind: Kind;
  readonly app: AppKey | undefined;
  readonly distribution?: Distribution | undefined;
  readonly credential?: Credential | undefined;
}

/** What follows for a store from how its app is distributed, in words; undefined: nothing. */
export function misfitOf(store: DistributedStore): string | undefined {
  const { kind, app, distribution } = store;
  if (app === undefined || distribution === undefined) return undefined;
  if (distribution === "public" && isSigned(store)) return undefined;
  if (DISTRIBUTION_FACTS[distribution].kinds.includes(kind)) return undefined;
  // Those of a public app are said together, by endingTokens.
  if (kindFactsOf({ kind }).migratable) return undefined;
  if (kindFactsOf(store).renewer === "secrets-manager") {
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
