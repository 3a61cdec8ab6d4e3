import { holderOf } from "../../contract/store/secret-facts";
import type { Parent } from "./mint";
import type { EngineParts } from "./parts";
import type { Successor } from "./rules";
import { readVersionPatiently, recordIn, type Store } from "./store";
import { attemptOf, MOST_ATTEMPTS, versionIdOf } from "./version-id";

/** A store and the version that a renewal succeeds; its successors have IDs derived from it. */
export interface Line {
  readonly store: Store;
  readonly parent: Parent;
}

/** The successor that an earlier renewal, or one at the same time, left pending. */
export interface PendingSuccessor extends Successor {
  readonly attempt: number;
}

function seedOf({ store, parent }: Line): { purpose: "renew"; from: string } {
  return { purpose: "renew", from: parent.versionId ?? store.secretArn };
}

/** The line's successor that is AWSPENDING; undefined when that is another version, or none. */
export async function pendingSuccessor(
  line: Line,
  parts: EngineParts,
): Promise<PendingSuccessor | undefined> {
  const pending = holderOf(line.store.facts, "AWSPENDING");
  const attempt = attemptOf(pending, seedOf(line));
  if (pending === undefined || attempt === undefined) return undefined;
  const found = await readVersionPatiently(line.store.secretArn, pending, parts);
  // A version of ours has its value from the start: this one is gone.
  return found && { ...found, attempt };
}

/**
 * The newest stored successor of the line that holds a refresh token which can still live. An install
 * that was cut off before its promotion comes first: it retired every other refresh token.
 */
export async function newestLiveSuccessor(
  line: Line,
  parts: EngineParts,
): Promise<Successor | undefined> {
  return (
    (await newestLiveOf("install", line, parts)) ??
    (await livePending(line, parts)) ??
    (await newestLiveOf("renew", line, parts))
  );
}

/** The labelled one is the newest renewal; AWS may have removed the attempts before it. */
async function livePending(line: Line, parts: EngineParts): Promise<Successor | undefined> {
  const pending = await pendingSuccessor(line, parts);
  return pending !== undefined && canRefresh(pending, parts) ? pending : undefined;
}

/** The last stored attempt, followed by ID: one that another version took the label from has none. */
async function newestLiveOf(
  purpose: "install" | "renew",
  line: Line,
  parts: EngineParts,
): Promise<Successor | undefined> {
  let newest: Successor | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const versionId = versionIdOf({ ...seedOf(line), purpose, attempt });
    const value = await parts.secrets.readVersion(line.store.secretArn, versionId);
    if (value === undefined) break;
    const found = recordIn(value);
    if (canRefresh(found, parts)) newest = found;
  }
  return newest;
}

function canRefresh({ record }: Successor, { clock }: EngineParts): boolean {
  const { refreshTokenSealed, refreshTokenExpiresAt } = record;
  const hasEnded = refreshTokenExpiresAt !== undefined && refreshTokenExpiresAt <= clock.now();
  return refreshTokenSealed !== "" && !hasEnded;
}
