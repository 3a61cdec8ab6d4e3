/**
 * Lets work that overlaps take time without waiting for it: when everybody sleeps, the clock goes on to
 * whoever wakes first.
 */
export class VirtualTime {
  readonly #clock: { now: number };
  #sleepers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];
  #order = 0;

  constructor(clock: { now: number }) {
    this.#clock = clock;
  }

  async sleep(milliseconds: number): Promise<void> {
    const at = this.#clock.now + milliseconds;
    this.#order += 1;
    const order = this.#order;
    await new Promise<void>((wake) => this.#sleepers.push({ at, order, wake }));
  }

  /** Runs all of this work to its end. */
  async run(...work: readonly Promise<unknown>[]): Promise<void> {
    let isOver = false;
    const all = Promise.allSettled(work).then(() => {
      isOver = true;
    });
    while (!isOver) {
      // Whatever can be done without waiting is done before the next macrotask.
      await new Promise((resolve) => setImmediate(resolve));
      this.#sleepers.sort((one, other) => one.at - other.at || one.order - other.order);
      const next = this.#sleepers.shift();
      if (next === undefined) continue;
      this.#clock.now = Math.max(this.#clock.now, next.at);
      next.wake();
    }
    await all;
  }
}
