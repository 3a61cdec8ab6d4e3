import { inspect } from "node:util";

const PLACEHOLDER = "[sealed]";

/**
 * A secret on its way: it prints as a placeholder everywhere, and `unseal()` is the only way out.
 *
 * Searching the sources for `.unseal(` is the audit. Two traps: jest's `toEqual` holds any two sealed
 * values equal, so tests compare `.unseal()`; and `JSON.stringify` stores the placeholder, so a value
 * is written through its encoder only.
 *
 * @example
 * const secret = Sealed.of("shpat_…");
 * `${secret}`; // "[sealed]"
 */
export class Sealed<T> {
  readonly #value: T;

  private constructor(value: T) {
    this.#value = value;
  }

  static of<T>(value: T): Sealed<T> {
    return new Sealed(value);
  }

  /** The only way out. */
  unseal(): T {
    return this.#value;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  [inspect.custom](): string {
    return PLACEHOLDER;
  }
}
