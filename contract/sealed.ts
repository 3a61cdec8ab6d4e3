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
  /**
   * A copy for another thread would arrive as `{}`, and be found out at Shopify. A function cannot be copied, so
   * `structuredClone` and `postMessage` throw, with the text of this one.
   *
   * @internal
   */
  readonly sendWhatUnsealGives = sendWhatUnsealGives;

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

// V8 shows the first hundred characters of it.
function sendWhatUnsealGives(): string {
  return "a sealed value cannot be copied";
}
