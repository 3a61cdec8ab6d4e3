import type { VersionId } from "../../contract/brands";
import type { StoreRecord } from "../../contract/record";
import { holderOf } from "../../contract/store/secret-facts";
import type { EngineDeps } from "./deps";
import type { Lineage } from "./lineage";
import { readVersionQuietly } from "./store";
import type { Successor } from "./successor";
import { MOST_ATTEMPTS, type VersionSeed, versionIdOf } from "./version-id";

/** How far back, and how far down, a lineage is followed. */
const MOST_GENERATIONS = 6;

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
export async function* relativesOf(lineage: Lineage, deps: EngineDeps): AsyncGenerator<Successor> {
  const seen = new Set<VersionId | undefined>([lineage.parent.versionId]);
  let presented = 0;
  for await (const relative of everyRelativeOf(lineage, deps)) {
    if (seen.has(relative.versionId)) continue;
    seen.add(relative.versionId);
    if (relative.record.refreshTokenSealed === "") continue;
    yield relative;
    presented += 1;
    if (presented >= MOST_PRESENTED) return;
  }
}

async function* everyRelativeOf(lineage: Lineage, deps: EngineDeps): AsyncGenerator<Successor> {
  const { secretArn, facts } = lineage.store;
  const origins: string[] = [];
  let before = lineage.parent.record?.parentVersion;
  while (before !== undefined && origins.length < MOST_GENERATIONS) {
    origins.push(before);
    const ancestor = await readRelative(lineage, before, deps);
    if (ancestor !== undefined) yield ancestor;
    before = ancestor?.record.parentVersion;
  }
  const previous = holderOf(facts, "AWSPREVIOUS");
  const replaced = previous && (await readRelative(lineage, previous, deps));
  if (replaced !== undefined) yield replaced;
  yield* acquiredFrom([...origins, ...(previous === undefined ? [] : [previous]), secretArn], {
    lineage,
    deps,
  });
}

/** The pair that a store had before its app's key got its tokens, as long as it is one of the last versions. */
export async function pairBefore(
  lineage: Lineage,
  deps: EngineDeps,
): Promise<StoreRecord | undefined> {
  let { record } = lineage.parent;
  for (let back = 0; record !== undefined && back < MOST_GENERATIONS; back += 1) {
    if (record.refreshTokenSealed !== "") return record;
    const before: VersionId | undefined = record.parentVersion;
    record = before && (await readRelative(lineage, before, deps))?.record;
  }
  return undefined;
}

interface Where {
  readonly lineage: Lineage;
  readonly deps: EngineDeps;
}

/**
 * What was acquired in the place of these versions, what was renewed from it, and what was acquired in the place of
 * any of that: where three acquisitions overlap, the one that lives may succeed one that was overtaken.
 */
async function* acquiredFrom(
  origins: readonly string[],
  { lineage, deps }: Where,
): AsyncGenerator<Successor> {
  const met = new Set<string>(origins);
  const left = [...met];
  for (let from = left.shift(); from !== undefined; from = left.shift()) {
    for (const purpose of ACQUISITIONS) {
      for await (const relative of acquiredAs({ purpose, from }, { lineage, deps })) {
        if (met.has(relative.versionId)) continue;
        if (met.size >= MOST_MET) return;
        met.add(relative.versionId);
        left.push(relative.versionId);
        yield relative;
      }
    }
  }
}

/** Each stored acquisition, and what was renewed from it: a refresh token is refused only once its successor was presented. */
async function* acquiredAs(
  seed: Omit<VersionSeed, "attempt">,
  { lineage, deps }: Where,
): AsyncGenerator<Successor> {
  for await (const acquired of storedAs(seed, { lineage, deps })) {
    let newest: Successor | undefined = acquired;
    for (let link = 0; newest !== undefined && link < MOST_GENERATIONS; link += 1) {
      yield newest;
      const from: VersionId = newest.versionId;
      if (from === lineage.parent.versionId) break;
      newest = undefined;
      for await (const renewal of storedAs({ purpose: "renew", from }, { lineage, deps })) {
        newest = renewal;
      }
    }
  }
}

/** The stored attempts at one succession, in order. */
async function* storedAs(
  seed: Omit<VersionSeed, "attempt">,
  { lineage, deps }: Where,
): AsyncGenerator<Successor> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const found = await readRelative(lineage, versionIdOf({ ...seed, attempt }), deps);
    if (found === undefined) return;
    yield found;
  }
}

/** A version's record, unless it is another shop's: that has nothing to present. */
async function readRelative(
  { store }: Lineage,
  versionId: VersionId,
  deps: EngineDeps,
): Promise<Successor | undefined> {
  const found = await readVersionQuietly(store.secretArn, versionId, deps);
  return found?.record.shop === store.declaration.shop ? found : undefined;
}
