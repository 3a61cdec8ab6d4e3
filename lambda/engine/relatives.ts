import type { VersionId } from "../../contract/brands";
import { holderOf } from "../../contract/store/secret-facts";
import type { Line } from "./line";
import type { EngineParts } from "./parts";
import type { Successor } from "./rules";
import { readVersionQuietly } from "./store";
import { MOST_ATTEMPTS, type VersionSeed, versionIdOf } from "./version-id";

/** How far back, and how far down, a chain is followed. */
const MOST_LINKS = 6;

/** How many versions one rescue looks from: each is some reads. */
const MOST_MET = 24;

/** How many refresh tokens one rescue presents: each is a request to Shopify. */
const MOST_PRESENTED = 12;

/** What a merchant's approval or a migration brought, in the place of another version. */
const ACQUISITIONS = ["install", "migrate"] as const satisfies readonly VersionSeed["purpose"][];

/**
 * The store's other versions whose refresh token may be the one that lives, each once: those before
 * AWSCURRENT, AWSPREVIOUS, and what was acquired in the place of any of them.
 *
 * - Where two renewals overlapped, the pair that was stored may be the one that Shopify retired for the
 *   other. Shopify takes a presented refresh token for 30 days, until one of its successors is presented.
 * - Where two acquisitions overlapped, the one that came first at Shopify may have been promoted over the
 *   other: the times at which their replies came only tell so much.
 *
 * To present an acquired refresh token whose version never was AWSCURRENT retires nothing that lives: the
 * acquisition itself did that. What succeeds AWSCURRENT is not among them: it is promoted first.
 */
export async function* kinOf(line: Line, parts: EngineParts): AsyncGenerator<Successor> {
  const seen = new Set<VersionId | undefined>([line.parent.versionId]);
  let presented = 0;
  for await (const kin of everyKinOf(line, parts)) {
    if (seen.has(kin.versionId)) continue;
    seen.add(kin.versionId);
    if (kin.record.refreshTokenSealed === "") continue;
    yield kin;
    presented += 1;
    if (presented >= MOST_PRESENTED) return;
  }
}

async function* everyKinOf(line: Line, parts: EngineParts): AsyncGenerator<Successor> {
  const { secretArn, facts } = line.store;
  const origins: string[] = [];
  let before = line.parent.record?.parentVersion;
  while (before !== undefined && origins.length < MOST_LINKS) {
    origins.push(before);
    const ancestor = await readKin(line, before, parts);
    if (ancestor !== undefined) yield ancestor;
    before = ancestor?.record.parentVersion;
  }
  const previous = holderOf(facts, "AWSPREVIOUS");
  const replaced = previous && (await readKin(line, previous, parts));
  if (replaced !== undefined) yield replaced;
  yield* acquiredFrom([...origins, ...(previous === undefined ? [] : [previous]), secretArn], {
    line,
    parts,
  });
}

interface Where {
  readonly line: Line;
  readonly parts: EngineParts;
}

/**
 * What was acquired in the place of these versions, what was renewed from it, and what was acquired in the place of
 * any of that: where three acquisitions overlap, the one that lives may succeed one that was overtaken.
 */
async function* acquiredFrom(
  origins: readonly string[],
  { line, parts }: Where,
): AsyncGenerator<Successor> {
  const met = new Set<string>(origins);
  const left = [...met];
  for (let from = left.shift(); from !== undefined; from = left.shift()) {
    for (const purpose of ACQUISITIONS) {
      for await (const kin of acquiredAs({ purpose, from }, { line, parts })) {
        if (met.has(kin.versionId)) continue;
        if (met.size >= MOST_MET) return;
        met.add(kin.versionId);
        left.push(kin.versionId);
        yield kin;
      }
    }
  }
}

/** Each stored acquisition, and what was renewed from it: a refresh token is refused only once its successor was presented. */
async function* acquiredAs(
  seed: Omit<VersionSeed, "attempt">,
  { line, parts }: Where,
): AsyncGenerator<Successor> {
  for await (const acquired of storedAs(seed, { line, parts })) {
    let newest: Successor | undefined = acquired;
    for (let link = 0; newest !== undefined && link < MOST_LINKS; link += 1) {
      yield newest;
      const from: VersionId = newest.versionId;
      if (from === line.parent.versionId) break;
      newest = undefined;
      for await (const renewal of storedAs({ purpose: "renew", from }, { line, parts })) {
        newest = renewal;
      }
    }
  }
}

/** The stored attempts at one succession, in order. */
async function* storedAs(
  seed: Omit<VersionSeed, "attempt">,
  { line, parts }: Where,
): AsyncGenerator<Successor> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const found = await readKin(line, versionIdOf({ ...seed, attempt }), parts);
    if (found === undefined) return;
    yield found;
  }
}

/** A version's record, unless it is another shop's: that has nothing to present. */
async function readKin(
  { store }: Line,
  versionId: VersionId,
  parts: EngineParts,
): Promise<Successor | undefined> {
  const found = await readVersionQuietly(store.secretArn, versionId, parts);
  return found?.record.shop === store.declaration.shop ? found : undefined;
}
