import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

/** Where the movable clock lives: libfaketime's library, and the file that holds the offset (`+3600s`). */
export interface Faketime {
  readonly library: string;
  readonly file: string;
}

export interface EmulatorOptions {
  /** A Python that has ministack installed. */
  readonly python: string;
  /** The folder whose `node` runs the functions. */
  readonly nodeBinDir: string;
  /** Without it the emulator and the functions live in real time. */
  readonly faketime: Faketime | undefined;
  /** What every function inherits, such as `AWS_ENDPOINT_URL`, `NODE_OPTIONS`, `NODE_EXTRA_CA_CERTS`. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** A folder of this world alone; the functions' unpacked code lies below it. */
  readonly stateDir: string;
}

export interface Emulator {
  readonly url: string;
  readonly policyUrl: string;
  readonly pid: number;
  /** Resolves, with the reason, when the process is gone: by itself or after `stop`. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
  logTail(): string;
}

/** The emulator did not come up, or died; the message holds the end of its log. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";
}

const START_FILE = join(__dirname, "start_ministack.py");
const START_ATTEMPTS = 3;
/** Far above what a busy machine needs; a process that ended is seen at once. */
const START_DEADLINE_MS = 600_000;
const HEALTH_POLL_MS = 50;
const LOG_TAIL_LINES = 15;

/** Starts ministack on a free loopback port and waits until it answers. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  mkdirSync(join(options.stateDir, "tmp"), { recursive: true });
  mkdirSync(dirname(options.logFile), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const emulator = launch(options, port);
    const failure = await waitForHealth(emulator);
    if (failure === undefined) return emulator;
    await emulator.stop();
    const portWasTaken = /already in use|address in use/i.test(emulator.logTail());
    if (!portWasTaken || attempt === START_ATTEMPTS) {
      throw new EmulatorError(`the AWS emulator ${failure}. Its log ends:\n${emulator.logTail()}`);
    }
  }
}

/** A port on 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new EmulatorError("no free port");
  return address.port;
}

interface LaunchedEmulator extends Emulator {
  /** Why the process is gone, once it is. */
  endReason(): string | undefined;
}

function launch(options: EmulatorOptions, port: number): LaunchedEmulator {
  const log = openSync(options.logFile, "w");
  const child = spawn(options.python, [START_FILE], {
    cwd: options.stateDir,
    env: environmentOf(options, port),
    detached: true,
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  let endReason: string | undefined;
  const ended = endOf(child);
  void ended.then((reason) => {
    endReason = reason;
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    policyUrl: `${url}/_world`,
    pid: child.pid ?? 0,
    ended,
    endReason: () => endReason,
    stop: () => stopGroup(child, ended),
    logTail: () => tailOf(options.logFile),
  };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started (${error.message})`));
    child.once("exit", (code, signal) => resolve(`ended (${signal ?? `exit code ${code}`})`));
  });
}

function environmentOf(options: EmulatorOptions, port: number): Record<string, string> {
  return {
    PATH: `${options.nodeBinDir}:/usr/local/bin:/usr/bin:/bin`,
    HOME: options.stateDir,
    TMPDIR: join(options.stateDir, "tmp"),
    S3_DATA_DIR: join(options.stateDir, "s3"),
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "1",
    GATEWAY_PORT: String(port),
    ...faketimeEnvironment(options.faketime),
    ...options.functionEnvironment,
  };
}

/**
 * The environment that puts a process on the world's clock.
 * No cache: a cached offset would be right only some time after a jump.
 * No "monotonic fix": with an unmoved monotonic clock it turns every timed wait into a busy loop, since
 * libfaketime (pthread_cond_timedwait_common) then takes the offset off a deadline that never had it.
 */
export function faketimeEnvironment(faketime: Faketime | undefined): Record<string, string> {
  if (faketime === undefined) return {};
  return {
    LD_PRELOAD: faketime.library,
    FAKETIME_TIMESTAMP_FILE: faketime.file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_FORCE_MONOTONIC_FIX: "0",
  };
}

async function waitForHealth(emulator: LaunchedEmulator): Promise<string | undefined> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (emulator.endReason() !== undefined) return emulator.endReason();
    if (await answersHealth(emulator.url)) return undefined;
    await new Promise((resolve) => setTimeout(resolve, HEALTH_POLL_MS));
  }
  return `did not answer within ${START_DEADLINE_MS / 1000} s`;
}

async function answersHealth(url: string): Promise<boolean> {
  try {
    const reply = await fetch(`${url}/_ministack/health`, { headers: { connection: "close" } });
    await reply.arrayBuffer();
    return reply.ok;
  } catch {
    return false;
  }
}

/** EPERM: macOS's answer for a group of ended processes. */
const GROUP_IS_GONE = new Set(["ESRCH", "EPERM"]);

/** Ends the process and its functions' workers at once: all state dies with the world, so nothing is saved. */
async function stopGroup(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (!GROUP_IS_GONE.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  await ended;
  child.stdin?.destroy();
  // libfaketime removes these at a normal exit only.
  for (const kind of ["sem", "shm"]) {
    rmSync(`/dev/shm/${kind === "sem" ? "sem." : ""}faketime_${kind}_${child.pid}`, {
      force: true,
    });
  }
}

function tailOf(logFile: string): string {
  try {
    return readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-LOG_TAIL_LINES).join("\n");
  } catch {
    return "(no log)";
  }
}
