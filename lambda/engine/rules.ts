import type { VersionId } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import { holderOf, type SecretFacts } from "../../contract/store/secret-facts";
import type { EpochMs } from "../../contract/time";
import { MINUTE_MS } from "../../contract/time";
import { type RetryPlan, retryPlanOf } from "../shopify/call";
import { judgeCheckReply, type TokenFacts } from "../shopify/check";
import type { Judgement, ShopifyReply } from "../shopify/exchange";
import { lifeOf, type ReadLife } from "../shopify/token-reply";
import type { Successor } from "./successor";

/** The decisions that rotation stands on, in one place: pure, and tested against wrong ones. */
export interface Rules {
  /** Which refusals of Shopify are tried again within an invocation. */
  readonly planOf: (code: ErrorCode) => RetryPlan | undefined;
  /** How long a granted token lives. */
  readonly readLife: ReadLife;
  /** What an answer to the check of a token means. */
  readonly judgeCheck: (reply: ShopifyReply) => Judgement<TokenFacts>;
  /** Whether a value that was found pending may still be promoted. */
  readonly isFreshEnough: (record: StoreRecord, now: EpochMs) => boolean;
  /** Whose refresh token is presented first. */
  readonly presents: (parent: StoreRecord, pending: Successor | undefined) => StoreRecord;
  /** Whether the refusal of the parent's refresh token is true, given who is AWSCURRENT now. */
  readonly believesRefusal: (parent: VersionId, currentNow: VersionId | undefined) => boolean;
  /** Whether a lineage may get another version at this time. */
  readonly mayAddVersion: (newest: StoreRecord, now: EpochMs) => boolean;
}

/** The least time between two new versions of a store: 72 a day, under Secrets Manager's limit of about 100. */
export const VERSION_SPACING_MS = 20 * MINUTE_MS;

/** The most new versions that a store gets in 24 hours. */
export const VERSIONS_A_DAY = 72;

/** Whether a record's access token has ended, by its own word. */
export function hasEnded({ expiresAt }: StoreRecord, now: EpochMs): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** A pending value counts while at least half of its life is left; a token without an end always does. */
export function isFreshEnough(record: StoreRecord, now: EpochMs): boolean {
  if (record.expiresAt === undefined) return true;
  return record.expiresAt - now >= (record.expiresAt - record.issuedAt) / 2;
}

/** The product's own rules. */
export const RULES: Rules = {
  planOf: retryPlanOf,
  readLife: lifeOf,
  judgeCheck: judgeCheckReply,
  isFreshEnough,
  // The pending one's would retire the parent's, and is not AWSCURRENT yet.
  presents: (parent) => parent,
  believesRefusal: (parent, currentNow) => currentNow === parent,
  mayAddVersion: (newest, now) =>
    newest.issuedAt > now || now - newest.issuedAt >= VERSION_SPACING_MS,
};

/** What a rotation step does with the version it was called for. */
export type StepDecision =
  | { readonly action: "run" }
  | { readonly action: "skip" }
  | { readonly action: "refuse"; readonly code: "version_unknown" | "version_not_pending" };

/** Looks at a version's labels and says whether a step may run. */
export function decideStep(versionId: VersionId, facts: SecretFacts): StepDecision {
  const stages = facts.versions.get(versionId);
  if (stages === undefined) return { action: "refuse", code: "version_unknown" };
  if (stages.includes("AWSCURRENT")) return { action: "skip" };
  if (stages.includes("AWSPENDING")) return { action: "run" };
  return { action: "refuse", code: "version_not_pending" };
}

/** What is done with a value that was found in a pending version. */
export type ReuseDecision = "reuse" | "drop_stale" | "drop_foreign";

/** Reuses a pending value only when it succeeds the current version and has half its life left. */
export function decideReuse(
  found: Successor,
  facts: SecretFacts,
  at: { readonly now: EpochMs; readonly rules: Rules },
): ReuseDecision {
  if (found.record.parentVersion !== holderOf(facts, "AWSCURRENT")) return "drop_foreign";
  return at.rules.isFreshEnough(found.record, at.now) ? "reuse" : "drop_stale";
}
