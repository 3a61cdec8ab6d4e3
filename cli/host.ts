import type { Sealed } from "../contract/sealed";
import type { Clock } from "../contract/time";
import type { AwsAddress, AwsPorts } from "./aws/ports";

/** A stream that the command writes to. */
export interface Output {
  readonly isTerminal: boolean;
  /** The width in characters; undefined: not limited. */
  readonly columns: number | undefined;
  write(text: string): void;
}

/** The name of a file that means standard input. */
export const STANDARD_INPUT = "-";

/** Everything that the command needs of the world outside. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For results. */
  readonly out: Output;
  /** For progress, questions and errors. */
  readonly err: Output;
  readonly clock: Clock;
  connect(address: AwsAddress): AwsPorts;
  sleep(milliseconds: number): Promise<void>;
  /** Calls `run` every `milliseconds` until the returned function is called. */
  every(milliseconds: number, run: () => void): () => void;
  /**
   * Calls `run` when the process is interrupted or told to end, which then ends by that signal, as if nobody had listened;
   * until the returned function is called.
   */
  onInterrupt(run: () => void): () => void;
  /** A secret from standard input, or typed at a prompt that shows nothing. */
  readSecret(prompt: string): Promise<Sealed<string>>;
  /**
   * The text of a file.
   *
   * @throws {Refusal} a file that cannot be read
   */
  readFile(path: string): Promise<string>;
  /**
   * The text of a file, or of standard input (`-`).
   *
   * @throws {Refusal} a file that cannot be read
   */
  readFileOrPipe(path: string): Promise<string>;
  /**
   * Writes a file in the place of the one that is there.
   *
   * @throws {Refusal} a file that cannot be written
   */
  writeFile(path: string, text: string): Promise<void>;
  /** What a person types at a question; undefined when nobody is there to ask. */
  ask(question: string): Promise<string | undefined>;
  /** Runs a program with more in its environment, and returns its exit code. */
  runChild(
    command: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
  ): Promise<number>;
}
