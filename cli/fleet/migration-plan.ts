import type { AppKey } from "../../contract/brands";
import { nonExpiringEndOf } from "../../contract/distribution";
import { isApprovedByMerchant, kindFactsOf } from "../../contract/kinds";
import { moveToKey } from "../../contract/move-to-key";
import { originOf } from "../../contract/names";
import { nextOfOrigin } from "../../contract/origin-words";
import { adviceFor } from "../../contract/store/advice";
import { conditionOf } from "../../contract/store/condition";
import { expiryOf } from "../../contract/store/view";
import type { EpochMs } from "../../contract/time";
import type { StoreSeen } from "./store-view";

/** A store whose token has no end and keeps it, with what would change that. */
export interface StaysBehind {
  readonly seen: StoreSeen;
  readonly why: string;
  readonly next: string;
}

/** Which stores of a fleet are migrated. */
export interface MigrationPlan {
  readonly go: readonly StoreSeen[];
  readonly behind: readonly StaysBehind[];
  /** Stores whose token is renewed already. */
  readonly done: readonly StoreSeen[];
  /** What a public app's own key could get the tokens of, without a migration and without a merchant. */
  readonly byKey: readonly KeyOffer[];
}

/** An app whose stores may move to its own key, with what to write into config. */
export interface KeyOffer {
  readonly app: AppKey;
  readonly stores: readonly StoreSeen[];
  readonly next: string;
}

type Fate = "go" | "done" | "no part" | Omit<StaysBehind, "seen">;

/** Says of each store whether it is migrated, was, has to wait for something, or has no part in it. */
export function planMigration(stores: readonly StoreSeen[], now: EpochMs): MigrationPlan {
  const fates = stores.map((seen) => ({ seen, fate: fateOf(seen, now) }));
  const those = (wanted: Fate) =>
    fates.flatMap(({ seen, fate }) => (fate === wanted ? [seen] : []));
  const behind = fates.flatMap(({ seen, fate }) =>
    typeof fate === "object" ? [{ seen, ...fate }] : [],
  );
  return { go: those("go"), done: those("done"), behind, byKey: keyOffersFor(stores) };
}

/** Shopify grants a public app tokens for what its key signed, for every store that installed it. */
function keyOffersFor(stores: readonly StoreSeen[]): KeyOffer[] {
  const offered = new Map<AppKey, StoreSeen[]>();
  for (const seen of stores) {
    const { declaration, current } = seen;
    if (declaration?.app === undefined || current === undefined) continue;
    if (declaration.distribution !== "public" || !isApprovedByMerchant(declaration)) continue;
    offered.set(declaration.app, [...(offered.get(declaration.app) ?? []), seen]);
  }
  return [...offered].map(([app, own]) => ({ app, stores: own, next: moveToKey(app) }));
}

function fateOf(seen: StoreSeen, now: EpochMs): Fate {
  const { declaration, current } = seen;
  if (declaration === undefined || current === undefined) return "no part";
  const { hasRefreshToken, migratable } = kindFactsOf(declaration);
  if (hasRefreshToken) return fateOfPermitted(seen, now);
  if (!migratable || nonExpiringEndOf(declaration.distribution) === undefined) return "no part";
  return { why: "config does not permit it", next: permitNext(seen) };
}

/** What is dead or failing is not made worse, and its failure would say nothing of the others. */
function fateOfPermitted(seen: StoreSeen, now: EpochMs): Fate {
  if (typeof expiryOf(seen) === "number") return "done";
  const { state, says, next } = conditionOf(seen, now);
  if (state === "ok") return "go";
  return { why: `it is ${state.replaceAll("_", " ")}: ${says}`, next };
}

function permitNext(seen: StoreSeen): string {
  const app = seen.declaration?.app;
  return app === undefined
    ? adviceFor(seen, { state: "ok", code: "non_expiring_ending" }).next
    : nextOfOrigin(originOf(seen.facts), { code: "", next: permitsApp(app) });
}

/** What permits the migration of all tokens of an app. */
function permitsApp(app: AppKey): string {
  return `pulumi config set --path 'shopify-secrets:apps.${app}.offlineTokens' expiring, then pulumi up --continue-on-error`;
}
