import type { Clock, EpochMs } from "../contract/time";
import type { CacheEntries, CacheEntry, Lookup } from "./cache-entries";
import { ReaderError, type ReaderErrorFacts } from "./errors";
import type { LoadReason, ReaderEvent } from "./events";
import {
  decide,
  type FreshnessLimits,
  failureAfter,
  type Held,
  holdToken,
  isAlive,
  isOutage,
  spacingLeft,
} from "./freshness";
import type { Answer, BatchedReads } from "./secrets-client";
import { OF_SHOP } from "./store-routes";
import type { StoreToken } from "./store-token";
import { createPauses, type Pauses, type Timers } from "./timers";

export interface TokenCacheOptions {
  readonly entries: CacheEntries;
  readonly reads: BatchedReads;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: FreshnessLimits;
  readonly report: (event: ReaderEvent) => void;
}

const MOST_FOUND_ELSEWHERE = 10_000;

/** Whether a store that came by itself may be under its other name: its first one is free, or another shop's. */
function isElsewhere(error: unknown): boolean {
  if (!(error instanceof ReaderError)) return false;
  return error.code === "secret_missing" || error.code === "shop_mismatch";
}

/** What kind of read is wanted. */
interface Wish {
  readonly reason: LoadReason;
  /** Whether it need not keep its distance to the read before. Default: false. */
  readonly atOnce?: boolean;
}

/** The tokens of all stores that were asked for: answers from memory, or by way of one read at a time for each. */
export class TokenCache {
  readonly #options: TokenCacheOptions;
  readonly #pauses: Pauses;
  /** Stores that were found under their other names. */
  readonly #foundAs = new Map<string, string>();
  #sequence = 0;
  #isClosed = false;

  constructor(options: TokenCacheOptions) {
    this.#options = options;
    this.#pauses = createPauses(options.timers, () => new ReaderError("closed"));
  }

  /** The path of nearly every call: a fresh token out of memory, without any waiting. */
  fresh(store: string): StoreToken | undefined {
    const foundAs = this.#foundAs.size === 0 ? undefined : this.#foundAs.get(store);
    const lookup = this.#options.entries.find(foundAs ?? store);
    const held = lookup?.entry.held;
    if (lookup === undefined || held === undefined) return undefined;
    if (this.#options.clock.now() >= held.refreshAt) return undefined;
    if (lookup.shop !== undefined && lookup.shop !== held.token.shop) return undefined;
    lookup.entry.isUsed = true;
    return held.token;
  }

  /** The current token, never an expired one. */
  current(store: string, reason: LoadReason): Promise<StoreToken> {
    return this.#about(store, (lookup) => this.#current(lookup, reason));
  }

  /** The current token as a read that starts from now on finds it. */
  reread(store: string, reason: LoadReason): Promise<StoreToken> {
    return this.#about(store, async (lookup) => {
      await this.#loadAfter(lookup.entry, this.#seenBy(lookup.entry), { reason });
      return this.#judge(lookup);
    });
  }

  /** The token that took the place of a refused one; undefined: none did. */
  successorOf(store: string, refused: StoreToken): Promise<StoreToken | undefined> {
    return this.#about(store, (lookup) => this.#successorOf(lookup, refused));
  }

  /** Forgets every token, ends every pause and every read with `closed`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const part of [this.#options.reads, this.#pauses]) part.close();
    this.#options.entries.clear();
  }

  /** About the store where it was found last; where it is not, under its other name, if it may have one. */
  async #about<T>(store: string, answer: (lookup: Lookup) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ReaderError("closed");
    const foundAs = this.#foundAs.get(store);
    if (foundAs !== undefined) {
      const found = await this.#unlessElsewhere(foundAs, answer);
      if (found.isHere) return found.value;
      this.#foundAs.delete(store);
    }
    const first = await this.#unlessElsewhere(store, answer);
    if (first.isHere) return first.value;
    const other = await this.#unlessElsewhere(first.orElse, answer);
    // Neither is it: what was asked for is not there.
    if (!other.isHere) throw first.error;
    if (this.#foundAs.size >= MOST_FOUND_ELSEWHERE) this.#foundAs.clear();
    this.#foundAs.set(store, first.orElse);
    return other.value;
  }

  async #unlessElsewhere<T>(
    store: string,
    answer: (lookup: Lookup) => Promise<T>,
  ): Promise<
    | { readonly isHere: true; readonly value: T }
    | { readonly isHere: false; readonly error: unknown; readonly orElse: string }
  > {
    const { orElse = "" } = this.#options.entries.of(store);
    const isOther = store.includes(OF_SHOP);
    try {
      return { isHere: true, value: await this.#aboutExactly(store, answer) };
    } catch (error) {
      if ((orElse === "" && !isOther) || !isElsewhere(error)) throw error;
      return { isHere: false, error, orElse };
    }
  }

  /** The entry is not dropped meanwhile, so its read is never started twice. */
  async #aboutExactly<T>(store: string, answer: (lookup: Lookup) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ReaderError("closed");
    const lookup = this.#options.entries.of(store);
    lookup.entry.callers += 1;
    try {
      return await answer(lookup);
    } catch (error) {
      throw this.#isClosed ? new ReaderError("closed") : error;
    } finally {
      lookup.entry.callers -= 1;
    }
  }

  async #current(lookup: Lookup, reason: LoadReason): Promise<StoreToken> {
    const { clock, limits } = this.#options;
    const { entry } = lookup;
    const decision = decide(entry, clock.now(), limits);
    switch (decision.do) {
      case "serve":
        if (decision.refresh) void this.#load(entry, "refresh"); // it never rejects; the entry keeps what came of it
        return checked(lookup, decision.held.token);
      case "serve_through_outage":
        if (decision.refresh) void this.#load(entry, "refresh");
        return this.#throughOutage(lookup, decision.held);
      case "refuse":
        throw withStore(decision.error, lookup);
      case "load":
        return this.#loaded(lookup, decision.waitMs, reason);
      default:
        return decision satisfies never;
    }
  }

  async #successorOf(lookup: Lookup, refused: StoreToken): Promise<StoreToken | undefined> {
    const { clock, report } = this.#options;
    const { entry } = lookup;
    const newer = () => newerThan(entry, refused, clock.now());
    const seen = this.#seenBy(entry);
    if (newer() === undefined) {
      // The first refusal of a version is looked into at once; a dead one does not turn calls into reads.
      const atOnce = entry.refusedVersionId !== refused.versionId;
      entry.refusedVersionId = refused.versionId;
      // A read under way may bring the successor already; one that starts after the refusal is sure to tell.
      if (entry.loading !== undefined) await entry.loading;
      if (newer() === undefined) await this.#loadAfter(entry, seen, { reason: "refused", atOnce });
    }
    const successor = newer();
    const facts = { secretId: entry.secretId, versionId: refused.versionId };
    report({ event: "token.refused", ...facts, replaced: successor !== undefined });
    return successor && checked(lookup, successor);
  }

  async #loaded(lookup: Lookup, waitMs: number, reason: LoadReason): Promise<StoreToken> {
    const { entry } = lookup;
    const seen = this.#seenBy(entry);
    const why = entry.held === undefined ? reason : "stale";
    if (waitMs === 0) await this.#load(entry, why);
    // A read that was under way before this call is asked once more where its answer may be older than the call: it
    // may have missed a renewal, or have died with the connections of a process that was frozen meanwhile.
    if (this.#mayBeOld(entry)) await this.#loadAfter(entry, seen, { reason: why });
    return this.#judge(lookup);
  }

  #mayBeOld({ held, failure }: CacheEntry): boolean {
    if (failure !== undefined) return isOutage(failure.error);
    return held !== undefined && !this.#isAlive(held);
  }

  #isAlive(held: Held): boolean {
    return isAlive(held.token, this.#options.clock.now());
  }

  /** What the entry says right after a read. */
  #judge(lookup: Lookup): StoreToken {
    const { held, failure } = lookup.entry;
    if (failure !== undefined) {
      const mayServe = isOutage(failure.error) && this.#options.limits.onOutage === "serve";
      if (held === undefined || !mayServe || !this.#isAlive(held)) {
        throw withStore(failure.error, lookup);
      }
      return this.#throughOutage(lookup, held);
    }
    if (held !== undefined && this.#isAlive(held)) return checked(lookup, held.token);
    const expiresAt = held?.token.expiresAt;
    throw new ReaderError("token_expired", {
      store: lookup.store,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
  }

  #throughOutage(lookup: Lookup, { token, readAt }: Held): StoreToken {
    const { clock, report } = this.#options;
    const { secretId } = lookup.entry;
    const { versionId, expiresAt } = token;
    const ageMs = clock.now() - readAt;
    report({ event: "outage.served", secretId, versionId, ageMs, expiresAt });
    return checked(lookup, token);
  }

  /** The sequence number of the latest read that cannot know what happens to this secret from now on. */
  #seenBy(entry: CacheEntry): number {
    return entry.queuedSequence === undefined ? this.#sequence : entry.queuedSequence - 1;
  }

  /** Joins the read under way, or starts one. Never rejects: the entry tells what came of it. */
  #load(entry: CacheEntry, reason: LoadReason): Promise<void> {
    if (entry.loading !== undefined) return entry.loading;
    this.#sequence += 1;
    const sequence = this.#sequence;
    entry.loadStartedAt = this.#options.clock.now();
    entry.queuedSequence = sequence;
    const onSent = () => {
      entry.queuedSequence = undefined;
    };
    entry.loading = this.#options.reads.load(entry.secretId, onSent).then((answer) => {
      entry.loading = undefined;
      entry.queuedSequence = undefined;
      entry.lastSequence = sequence;
      this.#settle(entry, answer, reason);
    });
    return entry.loading;
  }

  /**
   * Waits until a read that started after the one numbered `seen` has finished, and starts it if nobody else
   * does; gives up while failed reads ask for a pause.
   */
  async #loadAfter(entry: CacheEntry, seen: number, { reason, atOnce = false }: Wish) {
    while (entry.lastSequence <= seen) {
      const now = this.#options.clock.now();
      if (entry.loading !== undefined) await entry.loading;
      else if (entry.failure !== undefined && now < entry.failure.retryAt) return;
      else {
        const waitMs = entry.failure === undefined && !atOnce ? spacingLeft(entry, now) : 0;
        await (waitMs > 0 ? this.#pauses.pause(waitMs) : this.#load(entry, reason));
      }
    }
  }

  #settle(entry: CacheEntry, answer: Answer, reason: LoadReason): void {
    const { clock, report } = this.#options;
    const now = clock.now();
    const about = { secretId: entry.secretId, reason, durationMs: now - entry.loadStartedAt };
    if (answer.ok) {
      report({ event: "load.succeeded", ...about, versionId: answer.token.versionId });
      this.#keep(entry, answer.token, now);
      return;
    }
    const { code, facts } = answer.error;
    entry.failure = failureAfter(entry.failure, answer.error, now);
    report({ event: "load.failed", ...about, code, awsError: facts.awsError });
  }

  #keep(entry: CacheEntry, token: StoreToken, now: EpochMs): void {
    const { entries, limits, report } = this.#options;
    const before = entry.held?.token;
    const isSameVersion = before?.versionId === token.versionId;
    const refused = entry.refusedVersionId === token.versionId;
    if (!refused) entry.refusedVersionId = undefined;
    entry.failure = undefined;
    // The very same object again, so that a caller who keeps it keeps no second copy alive.
    entry.held = holdToken(isSameVersion ? before : token, now, { ...limits, refused });
    entries.addId(entry, token.secretArn);
    if (before === undefined || isSameVersion) return;
    const [fromVersionId, toVersionId] = [before.versionId, token.versionId];
    report({ event: "token.rotated", secretId: entry.secretId, fromVersionId, toVersionId });
  }
}

function newerThan(entry: CacheEntry, refused: StoreToken, now: EpochMs): StoreToken | undefined {
  const token = entry.held?.token;
  if (token === undefined || token.versionId === refused.versionId) return undefined;
  return isAlive(token, now) ? token : undefined;
}

/** A token never goes to a caller who asked for another shop. */
function checked(lookup: Lookup, token: StoreToken): StoreToken {
  if (lookup.shop === undefined || lookup.shop === token.shop) return token;
  throw new ReaderError("shop_mismatch", { store: lookup.store });
}

/** The failure of a read, as an error of this caller: with the name that it asked for. */
function withStore(error: ReaderError, lookup: Lookup): ReaderError {
  const facts: ReaderErrorFacts = { ...error.facts, store: lookup.store };
  return new ReaderError(error.code, facts);
}
