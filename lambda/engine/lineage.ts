import { holderOf } from "../../contract/store/secret-facts";
import type { EngineDeps } from "./deps";
import { readVersionPatiently, recordIn, type Store } from "./store";
import type { Parent, Successor } from "./successor";
import { attemptOf, MOST_ATTEMPTS, versionIdOf } from "./version-id";

/** A store and the version that a renewal succeeds; its successors have IDs derived from it. */
export interface Lineage {
  readonly store: Store;
  readonly parent: Parent;
}

/** The successor that an earlier renewal, or one at the same time, left pending. */
export interface PendingSuccessor extends Successor {
  readonly attempt: number;
}

function seedOf({ store, parent }: Lineage): { purpose: "renew"; from: string } {
  return { purpose: "renew", from: parent.versionId ?? store.secretArn };
}

/** The line's successor that is AWSPENDING; undefined when that is another version, or none. */
export async function pendingSuccessor(
  lineage: Lineage,
  deps: EngineDeps,
): Promise<PendingSuccessor | undefined> {
  const pending = holderOf(lineage.store.facts, "AWSPENDING");
  const attempt = attemptOf(pending, seedOf(lineage));
  if (pending === undefined || attempt === undefined) return undefined;
  const found = await readVersionPatiently(lineage.store.secretArn, pending, deps);
  // A version of ours has its value from the start: this one is gone.
  return found && { ...found, attempt };
}

/**
 * The newest stored successor of the line that holds a refresh token which can still live. An install
 * that was cut off before its promotion comes first: it retired every other refresh token.
 */
export async function newestLiveSuccessor(
  lineage: Lineage,
  deps: EngineDeps,
): Promise<Successor | undefined> {
  return (
    (await newestLiveOf("install", lineage, deps)) ??
    (await livePending(lineage, deps)) ??
    (await newestLiveOf("renew", lineage, deps))
  );
}

/** The labelled one is the newest renewal; AWS may have removed the attempts before it. */
async function livePending(lineage: Lineage, deps: EngineDeps): Promise<Successor | undefined> {
  const pending = await pendingSuccessor(lineage, deps);
  return pending !== undefined && canRefresh(pending, deps) ? pending : undefined;
}

/** The last stored attempt, followed by ID: one that another version took the label from has none. */
async function newestLiveOf(
  purpose: "install" | "renew",
  lineage: Lineage,
  deps: EngineDeps,
): Promise<Successor | undefined> {
  let newest: Successor | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const versionId = versionIdOf({ ...seedOf(lineage), purpose, attempt });
    const value = await deps.secrets.readVersion(lineage.store.secretArn, versionId);
    if (value === undefined) break;
    const found = recordIn(value);
    if (canRefresh(found, deps)) newest = found;
  }
  return newest;
}

function canRefresh({ record }: Successor, { clock }: EngineDeps): boolean {
  const { refreshTokenSealed, refreshTokenExpiresAt } = record;
  const hasEnded = refreshTokenExpiresAt !== undefined && refreshTokenExpiresAt <= clock.now();
  return refreshTokenSealed !== "" && !hasEnded;
}
