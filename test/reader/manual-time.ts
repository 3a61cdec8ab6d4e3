import { type Clock, type EpochMs, epochMs } from "../../contract/time";
import type { Timers } from "../../reader/timers";

interface Due {
  readonly at: number;
  readonly run: () => void;
}

/** A clock and timers that stand still until they are moved; waits of 0 run by themselves. */
export class ManualTime implements Clock, Timers {
  #now: EpochMs;
  readonly #due = new Set<Due>();

  constructor(startIso = "2026-11-23T00:00:00Z") {
    this.#now = epochMs(Date.parse(startIso));
  }

  now(): EpochMs {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    if (milliseconds <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
    }
    const due = { at: this.#now + milliseconds, run };
    this.#due.add(due);
    return () => this.#due.delete(due);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#due.size;
  }

  /** Moves time on, runs what falls due in order, and lets everything that follows settle. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settled();
    for (let next = this.#nextBefore(end); next !== undefined; next = this.#nextBefore(end)) {
      this.#due.delete(next);
      this.#now = epochMs(Math.max(this.#now, next.at));
      next.run();
      await settled();
    }
    this.#now = epochMs(end);
    await settled();
  }

  /** Moves the clock alone, as a machine that slept does. */
  jump(milliseconds: number): void {
    this.#now = epochMs(this.#now + milliseconds);
  }

  #nextBefore(end: number): Due | undefined {
    return [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets promises and immediates run until nothing more follows from them. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
