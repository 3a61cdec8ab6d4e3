import { type EpochMs, epochMs } from "../../contract/time";
import type { WorldClock } from "./world-clock";

/** Something in the world that happens at a time of its own: rotation windows, schedules, webhooks. */
export interface TimedSource {
  readonly name: string;
  /** When it is next due, in epoch milliseconds; undefined: never. */
  nextDueAt(): number | undefined | Promise<number | undefined>;
  /** Does all that is due now, and resolves when it is done. */
  runDue(): Promise<void>;
}

/** What the driver did at one point in time. */
export interface Tick {
  readonly at: EpochMs;
  readonly source: string;
}

/** One clock, one driver: steps time to the next due event, fires it, and waits for it before going on. */
export class ClockDriver {
  readonly #clock: WorldClock;
  readonly #sources: readonly TimedSource[];

  constructor(clock: WorldClock, sources: readonly TimedSource[]) {
    this.#clock = clock;
    this.#sources = sources;
  }

  /** When the next event is due, of all sources or of one; undefined when nothing is planned. */
  async nextDueAt(source?: string): Promise<EpochMs | undefined> {
    const asked = this.#sources.filter(({ name }) => source === undefined || name === source);
    return (await this.#next(asked))?.at;
  }

  /** Moves the world to a point in time, through every event on the way, in order; returns what was fired. */
  async moveTo(target: EpochMs, onTick: (tick: Tick) => void = () => {}): Promise<Tick[]> {
    const ticks: Tick[] = [];
    for (let next = await this.#next(); next && next.at <= target; next = await this.#next()) {
      this.#clock.moveTo(next.at);
      const tick = { at: this.#clock.now(), source: next.source.name };
      onTick(tick);
      ticks.push(tick);
      await next.source.runDue();
      await this.#refuseToStandStill(next);
    }
    this.#clock.moveTo(target);
    return ticks;
  }

  /** Moves the world by a span in milliseconds, through every event on the way. */
  async advance(milliseconds: number, onTick?: (tick: Tick) => void): Promise<Tick[]> {
    return this.moveTo(epochMs(this.#clock.now() + milliseconds), onTick);
  }

  async #next(
    sources: readonly TimedSource[] = this.#sources,
  ): Promise<{ at: EpochMs; source: TimedSource } | undefined> {
    let next: { at: EpochMs; source: TimedSource } | undefined;
    for (const source of sources) {
      const at = await source.nextDueAt();
      if (at !== undefined && (next === undefined || at < next.at)) {
        next = { at: epochMs(at), source };
      }
    }
    return next;
  }

  /** A source that stays due at the same moment after it ran would keep the world there for ever. */
  async #refuseToStandStill(fired: { at: EpochMs; source: TimedSource }): Promise<void> {
    const again = await fired.source.nextDueAt();
    if (again !== undefined && again <= fired.at) {
      throw new Error(`${fired.source.name} is still due at the moment that it was run for`);
    }
  }
}
