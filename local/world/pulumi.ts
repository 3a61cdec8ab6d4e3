import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endTree } from "./process-tree";

/** How one run of the engine ended. */
export interface EngineRun {
  readonly exitCode: number;
  /** Everything that it printed, both streams in the order of arrival. */
  readonly output: string;
}

export interface EngineOptions {
  /** The folder of Pulumi.yaml. */
  readonly projectDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stack: string;
  /** The stack's config file. Default: the project's own. */
  readonly configFile?: string;
  /** Told when a command has ended. */
  readonly onEnd?: () => void;
}

/** The commands that know the option `--config-file`. */
const CONFIG_COMMANDS = new Set(["config", "destroy", "preview", "refresh", "up"]);

/** Told every line while a run goes on. */
export type OnLine = (line: string) => void;

/** Runs the real engine's commands on one stack, and ends the run that is under way when asked to. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #running = new Set<ChildProcess>();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Runs one command, such as `["up", "--yes"]`, on the stack; resolves with how it ended, also when it failed. */
  async run(command: readonly string[], onLine: OnLine = () => {}): Promise<EngineRun> {
    const { projectDir, environment, stack, configFile } = this.#options;
    const takesConfig = CONFIG_COMMANDS.has(command[0] ?? "");
    const config = configFile !== undefined && takesConfig ? ["--config-file", configFile] : [];
    const args = [...command, "--stack", stack, "--non-interactive", "--color", "never", ...config];
    const child = spawn("pulumi", args, {
      cwd: projectDir,
      env: { ...environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    try {
      return await collect(child, onLine);
    } finally {
      this.#running.delete(child);
      this.#options.onEnd?.();
    }
  }

  /** Ends what is under way, with every process that it started. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(endRun));
  }
}

async function collect(child: ChildProcess, onLine: OnLine): Promise<EngineRun> {
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", keep);
  }
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  return { exitCode, output: lines.join("\n") };
}

/** Ends one run with every process below it, and waits until it is gone. */
async function endRun(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  endTree(child.pid);
  await ended;
}
