import type { VersionId } from "../../contract/brands";
import { holderOf } from "../secrets/port";
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

/** The ID of a line's successor by attempt. */
export function successorIdOf(line: Line, attempt: number): VersionId {
  return versionIdOf({ ...seedOf(line), attempt });
}

function seedOf({ store, parent }: Line): { purpose: "renew"; from: string } {
  return { purpose: "renew", from: parent.versionId ?? store.secretArn };
}

/** Every version that can succeed the parent and hold a refresh token, the newest acquisition first. */
const SUCCESSORS = ["install", "renew"] as const;

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
  for (const purpose of SUCCESSORS) {
    const newest = await newestLiveOf(purpose, line, parts);
    if (newest !== undefined) return newest;
  }
  return undefined;
}

async function newestLiveOf(
  purpose: (typeof SUCCESSORS)[number],
  line: Line,
  parts: EngineParts,
): Promise<Successor | undefined> {
  let newest: Successor | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const versionId = versionIdOf({ ...seedOf(line), purpose, attempt });
    const value = await parts.secrets.readVersion(line.store.secretArn, versionId);
    if (value === undefined) break;
    const found = recordIn(value);
    const { refreshTokenSealed, refreshTokenExpiresAt } = found.record;
    const canLive =
      refreshTokenExpiresAt === undefined || refreshTokenExpiresAt > parts.clock.now();
    if (refreshTokenSealed !== "" && canLive) newest = found;
  }
  return newest;
}
