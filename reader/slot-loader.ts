import type { Clock, EpochMs } from "../contract/time";
import { ReaderError } from "./errors";
import type { LoadReason, ReaderEvent } from "./events";
import { type FreshnessLimits, failureAfter, holdToken, spacingLeft } from "./freshness";
import type { LoadQueue } from "./load-queue";
import type { Answer } from "./secrets-source";
import type { Slot, Slots } from "./slots";
import type { StoreToken } from "./store-token";
import type { Timers } from "./timers";

export interface LoaderOptions {
  readonly queue: LoadQueue;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits: FreshnessLimits;
  readonly report: (event: ReaderEvent) => void;
}

/** What kind of read is wanted. */
export interface Wish {
  readonly reason: LoadReason;
  /** Whether it need not keep its distance to the read before. Default: false. */
  readonly atOnce?: boolean;
}

/** Reads secrets into their slots: one read at a time for each, its outcome kept in the slot. */
export class SlotLoader {
  readonly #options: LoaderOptions;
  readonly #pauses: Pauses;
  #turn = 0;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#pauses = createPauses(options.timers);
  }

  /** The turn of the latest read that cannot know what happens to this secret from now on. */
  seenBy(slot: Slot): number {
    return slot.queuedTurn === undefined ? this.#turn : slot.queuedTurn - 1;
  }

  /** Joins the read under way, or starts one. Never rejects: the slot tells what came of it. */
  load(slot: Slot, reason: LoadReason): Promise<void> {
    if (slot.loading !== undefined) return slot.loading;
    this.#turn += 1;
    const turn = this.#turn;
    slot.loadStartedAt = this.#options.clock.now();
    slot.queuedTurn = turn;
    const onSent = () => {
      slot.queuedTurn = undefined;
    };
    slot.loading = this.#options.queue.load(slot.secretId, onSent).then((answer) => {
      slot.loading = undefined;
      slot.queuedTurn = undefined;
      slot.lastTurn = turn;
      this.#settle(slot, answer, reason);
    });
    return slot.loading;
  }

  /**
   * Waits until a read that started after turn `seen` has finished, and starts it if nobody else does;
   * gives up while failed reads ask for a pause.
   */
  async loadAfter(slot: Slot, seen: number, { reason, atOnce = false }: Wish): Promise<void> {
    while (slot.lastTurn <= seen) {
      const now = this.#options.clock.now();
      if (slot.loading !== undefined) await slot.loading;
      else if (slot.failure !== undefined && now < slot.failure.retryAt) return;
      else {
        const waitMs = slot.failure === undefined && !atOnce ? spacingLeft(slot, now) : 0;
        await (waitMs > 0 ? this.#pauses.pause(waitMs) : this.load(slot, reason));
      }
    }
  }

  /** Ends every pause with `closed`. */
  close(): void {
    this.#pauses.close();
  }

  #settle(slot: Slot, answer: Answer, reason: LoadReason): void {
    const { clock, report } = this.#options;
    const now = clock.now();
    const about = { secretId: slot.secretId, reason, durationMs: now - slot.loadStartedAt };
    if (answer.ok) {
      report({ event: "load.succeeded", ...about, versionId: answer.token.versionId });
      this.#keep(slot, answer.token, now);
      return;
    }
    const { code, facts } = answer.error;
    slot.failure = failureAfter(slot.failure, answer.error, now);
    report({ event: "load.failed", ...about, code, awsError: facts.awsError });
  }

  #keep(slot: Slot, token: StoreToken, now: EpochMs): void {
    const { slots, limits, report } = this.#options;
    const before = slot.held?.token;
    const isSameVersion = before?.versionId === token.versionId;
    const refused = slot.refusedVersionId === token.versionId;
    if (!refused) slot.refusedVersionId = undefined;
    slot.failure = undefined;
    // The very same object again, so that a caller who keeps it keeps no second copy alive.
    slot.held = holdToken(isSameVersion ? before : token, now, { ...limits, refused });
    slots.addId(slot, token.secretArn);
    if (before === undefined || isSameVersion) return;
    const [fromVersionId, toVersionId] = [before.versionId, token.versionId];
    report({ event: "token.rotated", secretId: slot.secretId, fromVersionId, toVersionId });
  }
}

interface Pauses {
  pause(milliseconds: number): Promise<void>;
  close(): void;
}

/** Pauses that end with `closed` when the reader is closed. */
function createPauses(timers: Timers): Pauses {
  const endings = new Set<() => void>();
  return {
    pause(milliseconds) {
      return new Promise((resolve, reject) => {
        const cancel = timers.after(milliseconds, () => {
          endings.delete(end);
          resolve();
        });
        const end = () => {
          cancel();
          reject(new ReaderError("closed"));
        };
        endings.add(end);
      });
    },
    close() {
      for (const end of endings) end();
      endings.clear();
    },
  };
}
