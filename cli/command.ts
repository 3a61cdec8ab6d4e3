import type { AwsPorts } from "./aws/ports";
import type { ExitCode } from "./exit-codes";
import type { Surroundings } from "./surroundings";

/** An option of a command, as `node:util` parses it. */
export interface Option {
  readonly type: "string" | "boolean";
  /** What it is for, in the help. */
  readonly help: string;
  /** The placeholder of its value in the help. */
  readonly value?: string;
}

/** What the help says of a verb. */
export interface Described {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  readonly summary: string;
}

/** A verb that the command does itself, on the stack's secrets. */
export interface Command extends Described {
  readonly options?: Readonly<Record<string, Option>>;
  run(call: Call): Promise<ExitCode | number>;
}

/** A verb around another program, whose options are that program's. */
export interface Wrapper extends Described {
  /** The program and its command, in the help. */
  readonly around: string;
  /** What its exit codes say, as a sentence. */
  readonly exitCodes: string;
  wrap(words: readonly string[], surroundings: Surroundings): Promise<ExitCode | number>;
}

export type Verb = Command | Wrapper;

/** One call of a verb. */
export interface Call {
  readonly surroundings: Surroundings;
  readonly aws: AwsPorts;
  /** The prefix of the stack's secret names. */
  readonly prefix: string;
  readonly json: boolean;
  /** The words after the verb. */
  readonly words: readonly string[];
  /** The words after `--`. */
  readonly rest: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
}
