import { EMPTY_STATE, type ModelState } from "./state";

/** What ListSecrets sees: the state as it was some time ago, as far as anybody may still ask for it. */
export class ListHistory {
  readonly #lagMs: number;
  /** By time, oldest first. */
  #states: readonly { readonly at: number; readonly state: ModelState }[] = [];

  constructor(lagMs: number) {
    this.#lagMs = lagMs;
  }

  /** Remembers a state that holds from now on. */
  note(state: ModelState, now: number): void {
    if (this.#lagMs === 0 || this.#states.at(-1)?.state === state) return;
    const seen = this.#states.findLastIndex(({ at }) => at <= now - this.#lagMs);
    this.#states = [...this.#states.slice(Math.max(0, seen)), { at: now, state }];
  }

  /** The state that a list shows now. */
  seenAt(now: number, current: ModelState): ModelState {
    if (this.#lagMs === 0) return current;
    return this.#states.findLast(({ at }) => at <= now - this.#lagMs)?.state ?? EMPTY_STATE;
  }
}
