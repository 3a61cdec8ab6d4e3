import { nameOf, type Say } from "./findings";

interface Duty {
  /** What is deleted, in words. */
  readonly what: string;
  readonly remove: () => Promise<unknown>;
}

const GONE = new Set(["ResourceNotFoundException", "NoSuchEntityException", "NoSuchEntity"]);

/** Everything that a run made, to be deleted last made first; each duty is tried, whatever the others do. */
export class CleanUp {
  readonly #duties: Duty[] = [];

  add(what: string, remove: () => Promise<unknown>): void {
    this.#duties.unshift({ what, remove });
  }

  /** Gives what could not be deleted. */
  async run(say: Say): Promise<readonly string[]> {
    const left: string[] = [];
    for (const { what, remove } of this.#duties.splice(0)) {
      try {
        await remove();
      } catch (error) {
        if (error instanceof Error && GONE.has(error.name)) continue;
        left.push(what);
        say(`  could not delete ${what}: ${nameOf(error)}`);
      }
    }
    return left;
  }
}
