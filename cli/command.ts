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

/** One verb of the command. */
export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly options?: Readonly<Record<string, Option>>;
  run(call: Call): Promise<ExitCode | number>;
}

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
