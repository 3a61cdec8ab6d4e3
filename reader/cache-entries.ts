import type { ShopDomain } from "../contract/brands";
import type { Failure, Held } from "./freshness";
import { type FindRoute, OF_SHOP } from "./store-routes";

/** What the cache keeps of one secret. */
export interface CacheEntry {
  /** The name or ARN that Secrets Manager is asked for. */
  readonly secretId: string;
  /** Further secret IDs of the same secret: its ARN, once that is known. */
  otherIds: readonly string[];
  /** The names under which callers found it. */
  names: readonly string[];
  held: Held | undefined;
  failure: Failure | undefined;
  /** The read that is under way. */
  loading: Promise<void> | undefined;
  loadStartedAt: number;
  /** The sequence number of the read under way while it waits for its request to leave. */
  queuedSequence: number | undefined;
  /** The sequence number of the last finished read: its place among all reads of the reader; 0: none. */
  lastSequence: number;
  /** The version that Shopify refused, while it is the one in memory. */
  refusedVersionId: string | undefined;
  /** Whether it was read since the last look for an entry to drop. */
  isUsed: boolean;
  /** How many callers wait on it; such an entry is not dropped. */
  callers: number;
}

/** A store as a caller named it: its entry, and the shop that its record must name. */
export interface Lookup {
  readonly entry: CacheEntry;
  readonly store: string;
  readonly shop: ShopDomain | undefined;
  /** What else to look for where that is not there, or another shop's. */
  readonly orElse: string | undefined;
}

/** A bounded table of entries. Past the bound it drops one that was not used lately (the CLOCK algorithm). */
export interface CacheEntries {
  /** The lookup of a name that was asked for before; undefined for any other. */
  find(store: string): Lookup | undefined;
  /** The lookup of a name, made when there is none; throws as {@link FindRoute}. */
  of(store: string): Lookup;
  /** Makes the entry known under one more secret ID, unless another entry has it. */
  addId(entry: CacheEntry, secretId: string): void;
  clear(): void;
}

export interface EntriesOptions {
  readonly limit: number;
  readonly findRoute: FindRoute;
  readonly onDropped: (entry: CacheEntry) => void;
}

export function createCacheEntries({ limit, findRoute, onDropped }: EntriesOptions): CacheEntries {
  const entries = new Set<CacheEntry>();
  const byId = new Map<string, CacheEntry>();
  const byName = new Map<string, Lookup>();

  function drop(entry: CacheEntry): void {
    entries.delete(entry);
    for (const id of [entry.secretId, ...entry.otherIds]) {
      if (byId.get(id) === entry) byId.delete(id);
    }
    for (const name of entry.names) byName.delete(name);
    onDropped(entry);
  }

  function makeRoom(): void {
    for (const entry of entries) {
      if (entries.size < limit) return;
      if (entry.callers > 0 || entry.loading !== undefined) continue; // its read must not be started twice
      if (!entry.isUsed) {
        drop(entry);
        continue;
      }
      // A second chance: to the end of the line, where this very loop meets it again.
      entry.isUsed = false;
      entries.delete(entry);
      entries.add(entry);
    }
  }

  function entryOf(secretId: string): CacheEntry {
    const known = byId.get(secretId);
    if (known !== undefined) return known;
    makeRoom();
    const entry = emptyEntry(secretId);
    entries.add(entry);
    byId.set(secretId, entry);
    return entry;
  }

  function lookUp(store: string): Lookup {
    const { secretId, shop, orElse } = findRoute(store);
    const entry = entryOf(secretId);
    const asked = shop !== undefined && store.endsWith(`${OF_SHOP}${shop}`) ? shop : store;
    const lookup: Lookup = { entry, store: asked, shop, orElse };
    entry.names = entry.names.concat(store); // a pushed or spread array keeps room for sixteen more
    byName.set(store, lookup);
    return lookup;
  }

  return {
    find: (store) => byName.get(store),
    of: (store) => byName.get(store) ?? lookUp(store),
    addId(entry, secretId) {
      if (byId.has(secretId)) return;
      byId.set(secretId, entry);
      entry.otherIds = entry.otherIds.concat(secretId);
    },
    clear() {
      entries.clear();
      byId.clear();
      byName.clear();
    },
  };
}

function emptyEntry(secretId: string): CacheEntry {
  return {
    secretId,
    otherIds: [],
    names: [],
    held: undefined,
    failure: undefined,
    loading: undefined,
    queuedSequence: undefined,
    loadStartedAt: Number.NEGATIVE_INFINITY,
    lastSequence: 0,
    refusedVersionId: undefined,
    isUsed: true,
    callers: 0,
  };
}
