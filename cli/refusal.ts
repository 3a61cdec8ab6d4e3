import { adviceOf, type ErrorCode, type ErrorFacts } from "../contract/errors";
import { EXIT } from "./exit-codes";

/** More of a refusal than its sentence and the next command. */
export interface RefusalFacts {
  /** What the process ends with; default: it could not be done. */
  readonly exitCode?: number;
  /** The code of the closed list that the sentence belongs to. */
  readonly code?: ErrorCode;
}

/** Why a command does not go on: one sentence, and always the next command. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly next: string;
  readonly exitCode: number;
  readonly code: ErrorCode | undefined;

  constructor(says: string, next: string, { exitCode = EXIT.failed, code }: RefusalFacts = {}) {
    super(says);
    this.next = next;
    this.exitCode = exitCode;
    this.code = code;
  }

  /** The line that a person sees. */
  get line(): string {
    return `${this.message}${/[.?!]$/.test(this.message) ? "" : "."} Next: ${this.next}`;
  }

  /** The same for programs. */
  get json(): object {
    return {
      code: this.code ?? null,
      says: this.message,
      next: this.next,
      exit_code: this.exitCode,
    };
  }
}

/** A command that was called wrongly. */
export function usageError(says: string, next = "shopify-secrets --help"): Refusal {
  return new Refusal(says, next, { exitCode: EXIT.usage });
}

/** A refusal in the words of a code of the closed list. */
export function codedRefusal(code: ErrorCode, facts: ErrorFacts = {}): Refusal {
  const { says, next } = adviceOf(code, facts);
  return new Refusal(`${code}: ${says}`, next, { exitCode: EXIT.needsPerson, code });
}
