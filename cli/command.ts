import type { EpochMs } from "../contract/time";
import type { AwsAddress, AwsPorts } from "./aws/ports";
import type { ExitCode } from "./exit-codes";
import type { Host } from "./host";

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
  /** What its exit codes say, as a sentence, where they are not the command's own. */
  readonly exitCodes?: string;
}

/** What a verb's words are. */
export type Takes = "nothing" | "one app" | "one store" | "stores";

/** A verb that the command does itself, on the stack's secrets. */
export interface Command extends Described {
  readonly takes: Takes;
  readonly options?: Readonly<Record<string, Option>>;
  /**
   * Judges how it was called, before anybody is asked for credentials.
   *
   * @throws {Refusal} what is wrong with the call
   */
  judge?(typed: Typed): void;
  run(call: Call): Promise<ExitCode | number>;
  /** Answers for several stacks at once, where the call names such; undefined: it is about one. */
  runAcross?(typed: Typed, host: Host, callAt: CallAt): Promise<ExitCode> | undefined;
}

/** Where a stack is: an account and region, and the prefix of its secrets; undefined: the only one there. */
export interface StackAddress {
  readonly address: AwsAddress;
  readonly prefix: string | undefined;
}

/** The same call about the stack of a place. */
export type CallAt = (place: StackAddress) => Promise<Call>;

/** A verb that only speaks: it needs no AWS. */
export interface Speaker extends Described {
  readonly options?: Readonly<Record<string, Option>>;
  /** The words that it knows, for the help of shells. */
  readonly choices?: readonly string[];
  speak(typed: Typed, host: Host): Promise<ExitCode>;
}

/** A verb around another program, whose options are that program's. */
export interface Wrapper extends Described {
  /** The program and its command, in the help. */
  readonly around: string;
  wrap(words: readonly string[], host: Host): Promise<ExitCode | number>;
}

export type Verb = Command | Speaker | Wrapper;

/** How a verb was called. */
export interface Typed {
  readonly json: boolean;
  /** The words after the verb. */
  readonly words: readonly string[];
  /** The words after `--`. */
  readonly rest: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
}

/** One call of a verb. */
export interface Call extends Typed {
  readonly host: Host;
  readonly aws: AwsPorts;
  /** The prefix of the stack's secret names. */
  readonly prefix: string;
  /** The time by AWS's clock: what it writes is told against nothing else. */
  now(): EpochMs;
}
