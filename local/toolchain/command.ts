import { spawn } from "node:child_process";
import { ToolchainError } from "./trouble";

/** A program to run to its end. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** Longest time it may take, in milliseconds; then it is ended. */
  readonly limitMs: number;
  /** Hears every line of standard output and standard error while it runs. */
  readonly onLine?: (line: string) => void;
}

/** How it ended: by itself with a code, ended for taking too long, or it could not be started. */
export interface CommandResult {
  readonly outcome: "exited" | "too_slow" | "not_started";
  /** The exit code; -1 when there is none. */
  readonly exitCode: number;
  readonly stdout: string;
  /** Standard output and standard error as they came; the last 64 KiB. */
  readonly output: string;
}

/** Runs a program to its end; never rejects for the program's failure, only when the run is interrupted. */
export type RunCommand = (command: Command) => Promise<CommandResult>;

/** Whether it ended by itself with exit code 0. */
export function succeeded(result: CommandResult): boolean {
  return result.outcome === "exited" && result.exitCode === 0;
}

/** The last line of the output that says something, for an error's detail. */
export function lastLineOf(result: CommandResult): string {
  if (result.outcome === "too_slow") return "it took too long and was ended";
  const lines = result.output.split("\n").filter((line) => line.trim() !== "");
  return lines.at(-1) ?? `exit code ${result.exitCode}`;
}

const OUTPUT_KEPT = 64 * 1_024;
/** From the polite signal to the one that cannot be refused, in milliseconds. */
const GRACE_MS = 3_000;

/** A runner of real processes. When `interrupt` fires they are ended with all their children, and the call rejects. */
export function createCommandRunner(interrupt?: AbortSignal): RunCommand {
  return (command) => {
    if (interrupt?.aborted === true) return Promise.reject(new ToolchainError("interrupted"));
    return runOnce(command, interrupt);
  };
}

function runOnce(command: Command, interrupt?: AbortSignal): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    // A process group of its own: the compilers that `go` starts must end with it.
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const heard = createOutputRecord(command.onLine);
    const end = createEnding(child.pid);
    let outcome: CommandResult["outcome"] = "exited";
    const limit = setTimeout(() => {
      outcome = "too_slow";
      end.begin();
    }, command.limitMs);
    interrupt?.addEventListener("abort", end.begin, { once: true });
    process.once("exit", end.now);
    child.stdout.setEncoding("utf8").on("data", heard.stdout);
    child.stderr.setEncoding("utf8").on("data", heard.stderr);
    const settle = (result: CommandResult) => {
      clearTimeout(limit);
      end.over();
      process.off("exit", end.now);
      interrupt?.removeEventListener("abort", end.begin);
      if (interrupt?.aborted === true) reject(new ToolchainError("interrupted"));
      else resolve(result);
    };
    child.once("error", (error) => {
      settle({ outcome: "not_started", exitCode: -1, stdout: "", output: error.message });
    });
    child.once("close", (code) => settle({ outcome, exitCode: code ?? -1, ...heard.finish() }));
  });
}

/** Ends a process group: politely first, then for good. */
function createEnding(pid: number | undefined) {
  let grace: NodeJS.Timeout | undefined;
  const send = (signal: NodeJS.Signals) => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  };
  return {
    begin: () => {
      send("SIGTERM");
      grace ??= setTimeout(() => send("SIGKILL"), GRACE_MS);
    },
    now: () => send("SIGKILL"),
    over: () => clearTimeout(grace),
  };
}

function createOutputRecord(onLine?: (line: string) => void) {
  let stdout = "";
  let output = "";
  let partial = "";
  const hear = (chunk: string) => {
    output = (output + chunk).slice(-OUTPUT_KEPT);
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) onLine?.(line);
  };
  return {
    stdout: (chunk: string) => {
      stdout = (stdout + chunk).slice(-OUTPUT_KEPT);
      hear(chunk);
    },
    stderr: hear,
    finish: () => {
      if (partial !== "") onLine?.(partial);
      return { stdout, output };
    },
  };
}
