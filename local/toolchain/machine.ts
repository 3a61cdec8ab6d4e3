import { statfs } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { createCommandRunner, type RunCommand } from "./command";
import { ToolchainError } from "./trouble";

/** The machine as this folder sees it; tests bring their own. */
export interface Machine {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly home: string;
  readonly hostName: string;
  readonly pid: number;
  readonly run: RunCommand;
  /** Whether a process of this machine is alive. */
  isAlive(pid: number): boolean;
  /** Free bytes for this user on the disk of `folder`. */
  freeBytes(folder: string): Promise<number>;
  /** Whether a download address answers well within `limitMs`. */
  answers(address: string, limitMs: number): Promise<boolean>;
  /** Milliseconds since 1970, as file times count them. */
  nowMs(): number;
  /** Resolves after `milliseconds`; rejects with `interrupted`. */
  wait(milliseconds: number): Promise<void>;
}

/** This machine. `interrupt` ends what runs, with all its children. */
export function thisMachine(interrupt?: AbortSignal): Machine {
  return {
    env: process.env,
    platform: process.platform,
    arch: process.arch,
    home: homedir(),
    hostName: hostname(),
    pid: process.pid,
    run: createCommandRunner(interrupt),
    isAlive,
    freeBytes,
    answers,
    nowMs: () => Date.now(),
    wait: async (milliseconds) => {
      try {
        await delay(milliseconds, undefined, interrupt === undefined ? {} : { signal: interrupt });
      } catch {
        throw new ToolchainError("interrupted");
      }
    },
  };
}

/** `<os>-<arch>` as it stands in the names of the cache; throws `platform_unsupported`. */
export function platformName(machine: Pick<Machine, "platform" | "arch">): string {
  const { platform, arch } = machine;
  const isSupported =
    (platform === "linux" || platform === "darwin") && (arch === "x64" || arch === "arm64");
  if (!isSupported) throw new ToolchainError("platform_unsupported", `${platform} ${arch}`);
  return `${platform}-${arch}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function answers(address: string, limitMs: number): Promise<boolean> {
  try {
    const reply = await fetch(address, { method: "HEAD", signal: AbortSignal.timeout(limitMs) });
    return reply.ok;
  } catch {
    return false;
  }
}
