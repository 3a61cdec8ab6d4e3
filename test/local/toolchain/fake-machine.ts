import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Command, CommandResult } from "../../../local/toolchain/command";
import type { Machine } from "../../../local/toolchain/machine";
import type { Progress } from "../../../local/toolchain/progress";

/** What a program of the fake machine does; undefined means that there is no such program. */
export type FakeProgram = (command: Command) => Promise<Partial<CommandResult>>;

export interface FakeMachine extends Machine {
  /** A temporary folder of this test; the cache is in it. */
  readonly folder: string;
  readonly cache: string;
  /** Every command that was run, as one line. */
  readonly ran: string[];
  readonly commands: Command[];
  /** Programs by name: the last part of the path. */
  readonly programs: Map<string, FakeProgram>;
  readonly alive: Set<number>;
  free: number;
  isDownloadInReach: boolean;
  /** Called for each wait, instead of waiting. */
  onWait: () => Promise<void>;
  /** Moves the clock. */
  offsetMs: number;
}

const made: string[] = [];

/** A machine without any program, with plenty of disk. */
export async function createFakeMachine(env: NodeJS.ProcessEnv = {}): Promise<FakeMachine> {
  const folder = await mkdtemp(join(tmpdir(), "toolchain-test-"));
  made.push(folder);
  const cache = join(folder, "cache");
  const machine: FakeMachine = {
    folder,
    cache,
    ran: [],
    commands: [],
    programs: new Map(),
    alive: new Set([process.pid]),
    free: 100 * 1_024 ** 3,
    isDownloadInReach: false,
    onWait: async () => undefined,
    offsetMs: 0,
    env: { SHOPIFY_SECRETS_CACHE: cache, PATH: join(folder, "bin"), ...env },
    platform: "linux",
    arch: "x64",
    home: join(folder, "home"),
    hostName: "here",
    pid: process.pid,
    run: (command) => runFake(machine, command),
    isAlive: (pid) => machine.alive.has(pid),
    freeBytes: async () => machine.free,
    answers: async () => machine.isDownloadInReach,
    nowMs: () => Date.now() + machine.offsetMs,
    wait: () => machine.onWait(),
  };
  return machine;
}

export async function removeFakeMachines(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
}

async function runFake(machine: FakeMachine, command: Command): Promise<CommandResult> {
  const name = command.file.split("/").at(-1) ?? "";
  machine.ran.push(`${name} ${command.args.slice(0, 2).join(" ")}`);
  machine.commands.push(command);
  const program = machine.programs.get(name);
  if (program === undefined)
    return { outcome: "not_started", exitCode: -1, stdout: "", output: "ENOENT" };
  const result = {
    outcome: "exited" as const,
    exitCode: 0,
    stdout: "",
    ...(await program(command)),
  };
  return { output: result.stdout, ...result };
}

/** Puts an executable file there. */
export async function putExecutable(path: string, text = "program"): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

/** A progress that remembers what it was told. */
export function recordProgress(): Progress & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    step: (text) => told.push(`step ${text}`),
    tick: (text) => told.push(`tick ${text}`),
    done: (text = "") => told.push(`done ${text}`.trim()),
    close: () => told.push("close"),
  };
}
