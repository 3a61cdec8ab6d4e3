import { renameSync, writeFileSync } from "node:fs";
import { type Clock, type EpochMs, epochMs, systemClock } from "../../contract/time";

export interface WorldClockOptions {
  /** The instant at which the world begins. Default: now. */
  readonly beginsAt?: EpochMs | undefined;
  /** The clock underneath. Default: the machine's. */
  readonly real?: Clock;
  /** The file that libfaketime reads (`FAKETIME_TIMESTAMP_FILE`), so that other processes move along. */
  readonly file?: string;
}

/**
 * The one movable clock of a local world: real time plus an offset that only grows, from the instant at
 * which the world begins.
 *
 * Time also flows by itself between two moves, as it does for the processes that libfaketime moves.
 */
export class WorldClock implements Clock {
  readonly #real: Clock;
  readonly #file: string | undefined;
  #offsetMs = 0;

  constructor(options: WorldClockOptions = {}) {
    this.#real = options.real ?? systemClock;
    this.#file = options.file;
    if (options.beginsAt !== undefined)
      this.#offsetMs = wholeSeconds(options.beginsAt - this.now());
    this.#publish();
  }

  now(): EpochMs {
    return epochMs(this.#real.now() + this.#offsetMs);
  }

  /** How far the world is ahead of the machine, in milliseconds; negative: behind it. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Moves forward to a point in time; a point in the past changes nothing, because tokens would be reborn. */
  moveTo(at: EpochMs): void {
    const ahead = at - this.now();
    if (ahead <= 0) return;
    this.#offsetMs += wholeSeconds(ahead);
    this.#publish();
  }

  /** Moves forward by a span, in milliseconds. */
  advance(milliseconds: number): void {
    this.moveTo(epochMs(this.now() + milliseconds));
  }

  #publish(): void {
    if (this.#file === undefined) return;
    // Renamed into place: a process that reads in between must never see half a line.
    const draft = `${this.#file}.draft`;
    writeFileSync(draft, `${this.#offsetMs < 0 ? "" : "+"}${this.#offsetMs / 1_000}s\n`);
    renameSync(draft, this.#file);
  }
}

/** Rounded up to whole seconds, in milliseconds: what libfaketime's short form takes. */
function wholeSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000) * 1_000;
}
