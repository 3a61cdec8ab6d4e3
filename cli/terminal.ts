import { spawn } from "node:child_process";
import { readFile, rename, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Sealed } from "../contract/sealed";
import { looksSecret } from "../contract/secret-look";
import { systemClock } from "../contract/time";
import { connectToAws } from "./aws/connect";
import { EXIT } from "./exit-codes";
import { type Host, type Output, STANDARD_INPUT } from "./host";
import { Refusal, usageError } from "./refusal";

/** The surroundings of this process. */
export function terminalSurroundings(): Host {
  return {
    env: process.env,
    out: outputOf(process.stdout),
    err: outputOf(process.stderr),
    clock: systemClock,
    connect: connectToAws,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    every: (milliseconds, run) => {
      const timer = setInterval(run, milliseconds);
      return () => clearInterval(timer);
    },
    readSecret: async (prompt) =>
      Sealed.of(process.stdin.isTTY ? await typedLine(prompt, "hidden") : await pipedText()),
    readFile: (path) => fileText(path, "put it there, or name one that is, then the same command"),
    readFileOrPipe: (path) =>
      path === STANDARD_INPUT
        ? pipedText()
        : fileText(path, "give the path of one, or - for a pipe"),
    writeFile: replaceFile,
    ask: async (question) => (process.stdin.isTTY ? typedLine(question, "shown") : undefined),
    onInterrupt,
    runChild,
  };
}

/**
 * Whoever reads and closes the pipe has seen enough: the command ends as it would have. Any other trouble has lost
 * the result, and the exit code says so.
 */
export function quietOutputs(): void {
  process.stdout.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
    if (code === "EPIPE") return;
    process.exitCode = EXIT.failed;
    const says = `shopify-secrets: the output cannot be written (${code})`;
    process.stderr.write(`${says}. Next: make room for it, or write it elsewhere\n`);
  });
  process.stderr.on("error", () => undefined);
}

/** A stream of the process as the command writes to it. */
export function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY === true,
    // A pseudo-terminal that was given no size has 0 columns.
    columns: stream.isTTY && stream.columns > 0 ? stream.columns : undefined,
    write: (text) => void stream.write(text),
  };
}

async function fileText(path: string, next: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usageError(`${shownFile(path)} cannot be read (${codeOf(error)})`, next);
  }
}

/** As a whole: whoever reads it, or is stopped, finds the one or the other. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  try {
    await writeFile(beside, text);
    await rename(beside, path);
  } catch (error) {
    throw new Refusal(
      `${shownFile(path)} cannot be written (${codeOf(error)})`,
      "make its folder writable, or room on its disk, then the same command",
    );
  }
}

/** Config may name a file with a secret that was pasted in its place. */
function shownFile(path: string): string {
  return looksSecret(path) ? "the file" : path;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "";
}

async function pipedText(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8").trim();
}

/** One line from the terminal; what is typed at a hidden prompt is not shown. */
function typedLine(prompt: string, echo: "hidden" | "shown"): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = echo === "hidden" ? nowhere : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  if (echo === "hidden") process.stderr.write(prompt);
  return new Promise((resolve, reject) => {
    lines.on("SIGINT", () => {
      lines.close();
      reject(usageError("interrupted", "the same again"));
    });
    lines.question(echo === "hidden" ? "" : prompt, (line) => {
      lines.close();
      if (echo === "hidden") process.stderr.write("\n");
      resolve(line);
    });
  });
}

const INTERRUPTING = ["SIGINT", "SIGTERM"] as const;

function onInterrupt(run: () => void): () => void {
  const stop = () => {
    for (const signal of INTERRUPTING) process.off(signal, told);
  };
  const told = (signal: NodeJS.Signals) => {
    stop();
    run();
    // Nobody listens any more: the signal does what it does by default, and a shell sees by what the process ended.
    process.kill(process.pid, signal);
  };
  for (const signal of INTERRUPTING) process.on(signal, told);
  return stop;
}

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The shell's own codes for a program that cannot be started, and for one that a signal ended. */
const NOT_FOUND = 127;
const SIGNAL_BASE = 128;

function runChild(
  [program, ...args]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...environment } });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.on("error", () => {
      const says = `${program} cannot be started`;
      reject(new Refusal(says, "check the command after --", { exitCode: NOT_FOUND }));
    });
    child.on("exit", (code, signal) => {
      resolve(code ?? SIGNAL_BASE + (signal === null ? 0 : constants.signals[signal]));
    });
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward);
  });
}
