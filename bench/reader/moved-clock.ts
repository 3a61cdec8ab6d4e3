/** Moves the time of day of this process: the other libraries know no other clock than `Date`. */
export class MovedClock {
  readonly #original = globalThis.Date;
  #now: number;

  constructor() {
    const OriginalDate = this.#original;
    this.#now = OriginalDate.now();
    const now = () => this.#now;
    globalThis.Date = class extends OriginalDate {
      constructor(...args: [] | [number | string]) {
        super(args[0] ?? now());
      }

      static override now(): number {
        return now();
      }
    } as DateConstructor;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  restore(): void {
    globalThis.Date = this.#original;
  }
}
