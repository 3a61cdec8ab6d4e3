import type { Failure, Held } from "./freshness";

/** What the reader keeps of one secret. */
export interface Slot {
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
  /** The turn of the read under way while it waits for its request to leave. */
  queuedTurn: number | undefined;
  /** The turn of the last finished read: its place among all reads of the reader; 0: none. */
  lastTurn: number;
  /** The version that Shopify refused, while it is the one in memory. */
  refusedVersionId: string | undefined;
  /** Whether it was read since the last look for a slot to drop. */
  isUsed: boolean;
  /** How many callers wait on it; such a slot is not dropped. */
  callers: number;
}

/** A bounded table of slots. Past the bound it drops one that was not used lately (the CLOCK algorithm). */
export interface Slots {
  /** The slot of a secret, made when there is none. */
  of(secretId: string): Slot;
  /** Makes the slot known under one more secret ID, unless another slot has it. */
  addId(slot: Slot, secretId: string): void;
  readonly size: number;
  clear(): void;
}

export function createSlots(limit: number, onDropped: (slot: Slot) => void): Slots {
  const slots = new Set<Slot>();
  const byId = new Map<string, Slot>();

  function drop(slot: Slot): void {
    slots.delete(slot);
    for (const id of [slot.secretId, ...slot.otherIds]) {
      if (byId.get(id) === slot) byId.delete(id);
    }
    onDropped(slot);
  }

  function makeRoom(): void {
    for (const slot of slots) {
      if (slots.size < limit) return;
      if (slot.callers > 0 || slot.loading !== undefined) continue; // its read must not be started twice
      if (!slot.isUsed) {
        drop(slot);
        continue;
      }
      // A second chance: to the end of the line, where this very loop meets it again.
      slot.isUsed = false;
      slots.delete(slot);
      slots.add(slot);
    }
  }

  return {
    of(secretId) {
      const known = byId.get(secretId);
      if (known !== undefined) return known;
      makeRoom();
      const slot = emptySlot(secretId);
      slots.add(slot);
      byId.set(secretId, slot);
      return slot;
    },
    addId(slot, secretId) {
      if (byId.has(secretId)) return;
      byId.set(secretId, slot);
      slot.otherIds = slot.otherIds.concat(secretId); // a pushed or spread array keeps room for sixteen more
    },
    get size() {
      return slots.size;
    },
    clear() {
      slots.clear();
      byId.clear();
    },
  };
}

function emptySlot(secretId: string): Slot {
  return {
    secretId,
    otherIds: [],
    names: [],
    held: undefined,
    failure: undefined,
    loading: undefined,
    queuedTurn: undefined,
    loadStartedAt: Number.NEGATIVE_INFINITY,
    lastTurn: 0,
    refusedVersionId: undefined,
    isUsed: true,
    callers: 0,
  };
}
