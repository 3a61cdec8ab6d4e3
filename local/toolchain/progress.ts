/** Tells a person what is going on: one step at a time, its ticks, its end. */
export interface Progress {
  /** Begins a step, and ends the one before. */
  step(text: string): void;
  /** How far the step is; call it as often as you like. */
  tick(text: string): void;
  /** Ends the step well. `text` (optional) is its result. */
  done(text?: string): void;
  /** Ends the step without a word; for failures, which are told by their error. */
  close(): void;
}

/** What a progress needs of its surroundings. */
export interface ProgressSurroundings {
  readonly stream: {
    readonly isTTY?: boolean;
    /** The terminal's width in characters. Default: 80. */
    readonly columns?: number;
    write(text: string): unknown;
  };
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds of any steady clock. */
  readonly nowMs: () => number;
  /** Calls `run` every `periodMs` until the returned function is called. */
  readonly every: (periodMs: number, run: () => void) => () => void;
}

/** How often a step that runs on is told again, in milliseconds. */
const PLAIN_PERIOD_MS = 5_000;
const TERMINAL_PERIOD_MS = 200;

/** A progress for the terminal (one line that is rewritten) or for anything else (a line at least every 5 seconds). */
export function createProgress(surroundings: ProgressSurroundings): Progress {
  const { stream, env } = surroundings;
  const isTerminal = stream.isTTY === true && env["TERM"] !== "dumb";
  const hasColours = isTerminal && (env["NO_COLOR"] ?? "") === "";
  return progressOf(surroundings, isTerminal ? terminalVoice(stream, hasColours) : PLAIN_VOICE);
}

/** The surroundings of this process; progress goes to standard error, so that standard output stays for results. */
export function processSurroundings(): ProgressSurroundings {
  return {
    stream: process.stderr,
    env: process.env,
    nowMs: () => performance.now(),
    every: (periodMs, run) => {
      const timer = setInterval(run, periodMs);
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}

/** A progress that says nothing. */
export const SILENT_PROGRESS: Progress = {
  step: () => undefined,
  tick: () => undefined,
  done: () => undefined,
  close: () => undefined,
};

interface StepState {
  readonly title: string;
  readonly startedMs: number;
  tick: string;
  readonly stop: () => void;
}

interface Voice {
  readonly periodMs: number;
  begin(title: string): string;
  going(title: string, tick: string): string;
  end(title: string, result: string): string;
  cut(): string;
}

function progressOf(surroundings: ProgressSurroundings, voice: Voice): Progress {
  const { stream, nowMs, every } = surroundings;
  let current: StepState | undefined;
  const elapsed = (state: StepState) => `${Math.round((nowMs() - state.startedMs) / 1_000)} s`;
  const finish = (say: (state: StepState) => string) => {
    if (current === undefined) return;
    current.stop();
    stream.write(say(current));
    current = undefined;
  };
  const done = (text?: string) =>
    finish((state) => voice.end(state.title, joined([text, elapsed(state)])));
  const retell = () => {
    if (current === undefined) return;
    stream.write(voice.going(current.title, joined([current.tick, elapsed(current)])));
  };
  return {
    step(text) {
      done();
      stream.write(voice.begin(text));
      const stop = every(voice.periodMs, retell);
      current = { title: text, startedMs: nowMs(), tick: "", stop };
    },
    tick(text) {
      if (current !== undefined) current.tick = text;
    },
    done,
    close: () => finish(() => voice.cut()),
  };
}

const PLAIN_VOICE: Voice = {
  periodMs: PLAIN_PERIOD_MS,
  begin: (title) => `${title} ...\n`,
  going: (title, tick) => `  ${title}: ${tick}\n`,
  end: (title, result) => `${title}: done (${result})\n`,
  cut: () => "",
};

const REWRITE = "\r\u001b[2K";

function terminalVoice(stream: { readonly columns?: number }, hasColours: boolean): Voice {
  const paint = (code: number, text: string) =>
    hasColours ? `\u001b[${code}m${text}\u001b[0m` : text;
  // A line that wraps cannot be rewritten: the title gives way.
  const fitting = (title: string, tick: string) => {
    const room = (stream.columns ?? 80) - tick.length - " ... ".length - 1;
    return title.slice(0, Math.max(room, 0));
  };
  return {
    periodMs: TERMINAL_PERIOD_MS,
    begin: (title) => `${REWRITE}${fitting(title, "")} ...`,
    going: (title, tick) => `${REWRITE}${fitting(title, tick)} ... ${paint(2, tick)}`,
    end: (title, result) => `${REWRITE}${paint(32, "✓")} ${title} ${paint(2, `(${result})`)}\n`,
    cut: () => "\n",
  };
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}
