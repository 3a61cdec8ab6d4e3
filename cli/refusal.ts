import { CodedError, type ErrorCode, type ErrorFacts } from "../contract/errors";
import { EXIT } from "./exit-codes";

/** Why a command does not go on: one sentence, and always the next command. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly next: string;
  /** What the process ends with. */
  readonly exitCode: number;

  constructor(says: string, next: string, exitCode: number = EXIT.failed) {
    super(says);
    this.next = next;
    this.exitCode = exitCode;
  }

  /** The line that a person sees. */
  get line(): string {
    return `${this.message}${this.message.endsWith("?") ? "" : "."} Next: ${this.next}`;
  }
}

/** A command that was called wrongly. */
export function usageError(says: string, next = "shopify-secrets --help"): Refusal {
  return new Refusal(says, next, EXIT.usage);
}

/** A refusal in the words of a code of the closed list. */
export function codedRefusal(code: ErrorCode, facts: ErrorFacts = {}): Refusal {
  const [says = "", next = ""] = new CodedError(code, facts).message.split(". Next: ");
  return new Refusal(says, next, EXIT.needsPerson);
}
