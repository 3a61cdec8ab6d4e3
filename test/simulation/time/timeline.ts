/** Something that is to happen at a moment of virtual time. */
export interface Planned {
  /** Takes it off the timeline; harmless when it has happened. */
  cancel(): void;
}

interface Entry {
  readonly at: number;
  /** Of two at the same moment the one that was planned first happens first. */
  readonly order: number;
  run: (() => void) | undefined;
}

// Taken before anything could replace it: between two moments every promise of the moment before has to settle.
const { setImmediate: nextTurn } = globalThis;

/**
 * Virtual time: what is planned happens in the order of its moments, and time stands still in between.
 *
 * Whatever waits (a call, a pause, a limit) waits here, so the order in which everybody acts is a function of
 * the moments alone. Milliseconds since the world began, with fractions.
 */
export class Timeline {
  #now = 0;
  #planned = 0;
  readonly #heap: Entry[] = [];

  get now(): number {
    return this.#now;
  }

  at(moment: number, run: () => void): Planned {
    const entry: Entry = { at: Math.max(moment, this.#now), order: this.#planned, run };
    this.#planned += 1;
    push(this.#heap, entry);
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  after(milliseconds: number, run: () => void): Planned {
    return this.at(this.#now + milliseconds, run);
  }

  /** A promise of a moment. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(milliseconds, resolve));
  }

  /** Lets everything up to a moment happen, and ends there. */
  async runUntil(moment: number): Promise<void> {
    await settle();
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.at > moment) break;
      pop(this.#heap);
      const { run } = next;
      if (run === undefined) continue;
      this.#now = next.at;
      next.run = undefined;
      run();
      await settle();
    }
    this.#now = Math.max(this.#now, moment);
  }

  /** Lets time pass until a promise has settled; what it came to is the promise's own. */
  async runUntilSettled<T>(promise: Promise<T>, within: number): Promise<T> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    await settle();
    const end = this.#now + within;
    while (!isSettled) {
      const next = this.#heap[0];
      if (next === undefined || next.at > end) throw new Error("nothing ends what is waited for");
      await this.runUntil(next.at);
    }
    return await promise;
  }
}

/** Lets every promise of this moment settle. */
function settle(): Promise<void> {
  return new Promise((resolve) => nextTurn(resolve));
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

/** A binary heap in an array: thousands of limits are planned and cancelled for each one that is reached. */
function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Entry;
    if (!isBefore(entry, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    const right = below + 1;
    if (right < heap.length && isBefore(heap[right] as Entry, heap[below] as Entry)) below = right;
    if (!isBefore(heap[below] as Entry, last)) break;
    heap[at] = heap[below] as Entry;
    at = below;
  }
  heap[at] = last;
}
