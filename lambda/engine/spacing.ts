import type { SecretArn } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import { parseStatus } from "../../contract/store/status";
import { expiryOf } from "../../contract/store/view";
import { later } from "../../contract/time";
import type { EngineDeps } from "./deps";
import type { Lineage, PendingSuccessor } from "./lineage";
import { hasEnded, VERSION_SPACING_MS } from "./rules";
import { readVersionQuietly } from "./store";

/**
 * Lets a store have its next version when the budget of a day allows it.
 *
 * @throws {CodedError} `version_budget_spent` when it would come too early
 */
export async function requireSpacing(
  { store: { secretArn }, parent }: Lineage,
  pending: PendingSuccessor | undefined,
  deps: EngineDeps,
): Promise<void> {
  const now = deps.clock.now();
  const newest = pending?.record ?? parent.record;
  if (newest === undefined || deps.rules.mayAddVersion(newest, now)) return;
  const isOver = pending === undefined && hasEnded(newest, now);
  if (isOver && (await isSecondInItsTime(secretArn, newest, deps))) return;
  throw new CodedError("version_budget_spent", { shop: newest.shop });
}

/** Whether a version and the one before it are two in the time of two: one that was short then need not be waited out. */
async function isSecondInItsTime(
  secretArn: SecretArn,
  { parentVersion }: StoreRecord,
  deps: EngineDeps,
): Promise<boolean> {
  if (parentVersion === undefined) return false;
  const before = await readVersionQuietly(secretArn, parentVersion, deps);
  const dueAt = before && later(before.record.issuedAt, 2 * VERSION_SPACING_MS);
  return dueAt !== undefined && dueAt <= deps.clock.now();
}

/** Without the usual time between two versions. */
export function unspaced(deps: EngineDeps): EngineDeps {
  return { ...deps, rules: { ...deps.rules, mayAddVersion: () => true } };
}

/** Whether a token lives until another version may come. */
export function outlivesTheSpacing({ expiresAt }: StoreRecord, { clock }: EngineDeps): boolean {
  return expiresAt === undefined || expiresAt - clock.now() >= VERSION_SPACING_MS;
}

/**
 * Whether two versions may come at once: the one before both worked for longer than the time between two, so that the
 * day's versions stay within their budget. Chains of versions that are dead or short keep their distance; of one that
 * was dead as it came the status tells the end.
 */
export function workedForItsSpacing({
  store: { facts },
  parent: { versionId, record },
}: Lineage): boolean {
  if (record?.expiresAt === undefined) return false;
  const told = expiryOf({ current: versionId, status: parseStatus(facts.tags) });
  const endedAt = typeof told === "number" ? Math.min(told, record.expiresAt) : record.expiresAt;
  return endedAt - record.issuedAt > VERSION_SPACING_MS;
}
