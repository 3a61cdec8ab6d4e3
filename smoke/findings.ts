import { ASSUMPTIONS, type Assumption } from "./catalogue";

/** What a check saw. */
export interface Sight {
  readonly holds: boolean;
  /** In a few words, without any secret. */
  readonly saw: string;
}

export interface Finding extends Sight {
  readonly assumption: Assumption;
}

/** Takes one line of the report. */
export type Say = (line: string) => void;

export const holds = (saw = ""): Sight => ({ holds: true, saw });
export const fails = (saw: string): Sight => ({ holds: false, saw });
export const holdsIf = (claim: boolean, saw: string): Sight => ({ holds: claim, saw });

/** What a run is about. */
export interface About {
  /** Default: every assumption about an account. */
  readonly all?: readonly Assumption[];
  /** Whether what was seen is said where it is as assumed, too. Default: no. */
  readonly saysAll?: boolean;
}

/** The findings of one run; each is said as soon as it is there. */
export class Findings {
  readonly #found: Finding[] = [];
  readonly #say: Say;
  readonly #signal: AbortSignal;

  readonly #all: readonly Assumption[];
  readonly #saysAll: boolean;

  constructor(say: Say, signal: AbortSignal, about: About = {}) {
    this.#say = say;
    this.#signal = signal;
    this.#all = about.all ?? ASSUMPTIONS;
    this.#saysAll = about.saysAll ?? false;
  }

  /** Checks one assumption; a check that throws does not hold, and the run goes on. */
  async check(assumption: Assumption, look: () => Promise<Sight>): Promise<boolean> {
    this.#signal.throwIfAborted();
    const sight = await look().catch((error: unknown) => fails(nameOf(error)));
    this.#signal.throwIfAborted();
    this.#found.push({ assumption, ...sight });
    this.#sayFinding(assumption, sight);
    return sight.holds;
  }

  #sayFinding(assumption: Assumption, { holds: isSo, saw }: Sight): void {
    const verdict = isSo ? "holds" : assumption.harmless ? "differs" : "FAILS";
    this.#say(`  ${verdict.padEnd(8)} ${assumption.name}: ${assumption.assumes}`);
    if (isSo && !this.#saysAll) return;
    this.#say(`           saw:   ${saw}`);
    if (isSo) return;
    this.#say(`           means: ${assumption.otherwise}`);
  }

  /** The last lines, and whether an assumption failed that costs something. */
  conclude(): { readonly isSound: boolean } {
    const failed = this.#found.filter(({ holds: isSo }) => !isSo);
    const costly = failed.filter(({ assumption }) => !assumption.harmless);
    const open = this.#all.filter(
      ({ name }) => !this.#found.some(({ assumption }) => assumption.name === name),
    );
    this.#say("");
    this.#say(
      `${this.#found.length - failed.length} hold, ${costly.length} fail, ${failed.length - costly.length} differ without harm, ${open.length} not checked.`,
    );
    if (open.length > 0) this.#say(`Not checked: ${open.map(({ name }) => name).join(", ")}.`);
    return { isSound: costly.length === 0 };
  }
}

/** What may be shown of a failure: AWS's name and sentence for it, or ours. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : "an unknown failure";
}
