import { MINUTE } from "../stage";
import type { World } from "../world";

const SWEEP_EVERY_MS = 10 * MINUTE;

/** EventBridge's schedule of the sweep: every ten minutes, and at times a delivery comes twice. */
export class Scheduler {
  /** How long after the first delivery each further one of the next pass comes, in milliseconds. */
  repeatsAfterMs: readonly number[] = [];
  isOn = true;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.#planNext();
  }

  #planNext(): void {
    const { timeline } = this.#world;
    const next = (Math.floor(timeline.now / SWEEP_EVERY_MS) + 1) * SWEEP_EVERY_MS;
    timeline.at(next, () => {
      this.#planNext();
      if (!this.isOn) return;
      void this.#sweep();
      for (const ms of this.repeatsAfterMs) timeline.after(ms, () => void this.#sweep());
      this.repeatsAfterMs = [];
    });
  }

  async #sweep(): Promise<void> {
    await this.#world.invoke("sweep", { action: "sweep" });
  }
}
