import type { Planned, Timeline } from "../time/timeline";
import { abortedBy, Controller, Signal } from "./abort";
import type { Part } from "./part";

/** What a process of the product is started with. */
export interface ProcessOptions {
  /** What runs in it, such as `sweep`. */
  readonly part: Part;
  readonly timeline: Timeline;
  /** The wall clock of its machine, in milliseconds since the epoch. */
  readonly wallClock: () => number;
  readonly env: Readonly<Record<string, string>>;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** Takes everything that it writes. */
  readonly write: (text: string) => void;
}

/** The globals that the product's code finds in place of the real ones. */
export interface Globals {
  readonly process: object;
  readonly console: object;
  readonly setTimeout: unknown;
  readonly clearTimeout: unknown;
  readonly setInterval: unknown;
  readonly clearInterval: unknown;
  readonly Date: DateConstructor;
  readonly performance: { now(): number };
  readonly AbortController: unknown;
  readonly AbortSignal: object;
  readonly Math: Math;
}

/**
 * A process in which the product's code runs: it waits in virtual time, can be killed at any moment (nothing of
 * it acts afterwards) and, as Lambda does between invocations, frozen.
 */
export class SimulatedProcess {
  readonly part: Part;
  readonly timeline: Timeline;
  readonly random: () => number;
  readonly write: (text: string) => void;
  readonly globals: Globals;
  isAlive = true;
  /** Which piece of work it is at: counted by whoever gives it work. */
  work = 0;
  /** Told when it is killed. */
  onKilled: () => void = () => undefined;
  #isFrozen = false;
  #held: (() => void)[] = [];

  constructor(options: ProcessOptions) {
    this.part = options.part;
    this.timeline = options.timeline;
    this.random = options.random;
    this.write = options.write;
    this.globals = globalsOf(this, options);
  }

  kill(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#held = [];
    this.onKilled();
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** Goes on; what came while it was frozen happens now. */
  thaw(): void {
    this.#isFrozen = false;
    for (const run of this.#held.splice(0)) run();
  }

  /** Lets something happen to the process, such as a reply: now, when it is thawed, or never. */
  wake(run: () => void): void {
    if (!this.isAlive) return;
    if (this.#isFrozen) this.#held.push(run);
    else run();
  }

  after(milliseconds: number, run: () => void): Planned {
    return this.timeline.after(milliseconds, () => this.wake(run));
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(milliseconds, resolve));
  }
}

function globalsOf(process: SimulatedProcess, options: ProcessOptions): Globals {
  const { timeline, wallClock, env, random, write } = options;
  return {
    process: processOf(env, write),
    console: consoleOf(write),
    ...timersOf(process),
    Date: dateOf(wallClock),
    performance: { now: () => timeline.now },
    AbortController: Controller,
    AbortSignal: signalsOf(process),
    Math: Object.assign(Object.create(Math) as Math, { random }),
  };
}

/** Standard output and standard error are one stream here: what is written is searched, not told apart. */
function processOf(env: ProcessOptions["env"], write: ProcessOptions["write"]): object {
  const stream = {
    write: (text: string) => {
      write(text);
      return true;
    },
  };
  return { env: { ...env }, stdout: stream, stderr: stream, argv: [], version: process.version };
}

function consoleOf(write: ProcessOptions["write"]): object {
  const print = (...words: readonly unknown[]) => write(words.map(String).join(" "));
  return { log: print, info: print, warn: print, error: print, debug: print };
}

function timersOf(
  process: SimulatedProcess,
): Pick<Globals, "setTimeout" | "clearTimeout" | "setInterval" | "clearInterval"> {
  return {
    setTimeout: (run: () => void, milliseconds = 0) =>
      timerOf(process.after(atLeastOne(milliseconds), run)),
    clearTimeout: (timer?: Planned) => timer?.cancel(),
    setInterval: (run: () => void, milliseconds = 0) => intervalOf(process, run, milliseconds),
    clearInterval: (timer?: Planned) => timer?.cancel(),
  };
}

/** As Node reads them: what is less than a millisecond, or no number, is one. */
function atLeastOne(milliseconds: number): number {
  return Math.max(1, milliseconds || 1);
}

function timerOf(planned: Planned): object {
  const timer = { cancel: planned.cancel, ref: () => timer, unref: () => timer };
  return timer;
}

function intervalOf(process: SimulatedProcess, run: () => void, milliseconds: number): object {
  let planned: Planned;
  const again = () => {
    planned = process.after(atLeastOne(milliseconds), () => {
      again();
      run();
    });
  };
  again();
  return timerOf({ cancel: () => planned.cancel() });
}

function dateOf(wallClock: () => number): DateConstructor {
  const now = () => Math.floor(wallClock());
  return class SimulatedDate extends Date {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }

    static override now = now;
  } as unknown as DateConstructor;
}

/** Signals whose time-outs are virtual. */
function signalsOf(process: SimulatedProcess): object {
  return class extends Signal {
    static timeout(milliseconds: number): Signal {
      const signal = new Signal();
      process.after(milliseconds, () => signal.abort(abortedBy("TimeoutError")));
      return signal;
    }
  };
}
