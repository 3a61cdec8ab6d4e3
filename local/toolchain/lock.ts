import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import type { Machine } from "./machine";
import type { Progress } from "./progress";
import { ToolchainError } from "./trouble";

/** How often a waiting run looks again, and a holder shows that it is alive, in milliseconds. */
const LOOK_MS = 1_000;
const HEARTBEAT_MS = 10_000;
/** A holder that has not shown itself for so long is taken for dead, even if a process has its number. */
const SILENT_MS = 5 * 60_000;
/** Longest time to wait for another run. */
const PATIENCE_MS = 45 * 60_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** Gives the lock back; harmless when it was taken over meanwhile. */
export type ReleaseLock = () => Promise<void>;

/** Takes the lock file `path`: waits for a live holder, and takes over from a dead one. */
export async function takeLock(
  machine: Machine,
  path: string,
  progress: Progress,
): Promise<ReleaseLock> {
  const mine: Holder = {
    pid: machine.pid,
    host: machine.hostName,
    token: `${machine.pid}-${machine.nowMs()}-${Math.random().toString(36).slice(2)}`,
  };
  const startedMs = machine.nowMs();
  let isWaiting = false;
  while (!(await tryToTake(path, mine))) {
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (isStale(machine, holder)) {
      progress.step(`clearing the lock of a run that died (process ${holder.pid})`);
      await removeExactly(path, holder.token);
      continue;
    }
    if (machine.nowMs() - startedMs > PATIENCE_MS) throw heldBy(holder);
    if (!isWaiting)
      progress.step(`waiting for another run that installs the same (process ${holder.pid})`);
    isWaiting = true;
    await machine.wait(LOOK_MS);
  }
  progress.done();
  return holdLock(path, mine);
}

function heldBy(holder: Holder): ToolchainError {
  return new ToolchainError("lock_held", `process ${holder.pid} on ${holder.host}`);
}

/** Puts the lock there in one piece: a lock file is never seen half written. */
async function tryToTake(path: string, mine: Holder): Promise<boolean> {
  const draft = `${path}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

interface SeenHolder extends Holder {
  /** When it last showed itself. */
  readonly seenMs: number;
}

async function readHolder(path: string): Promise<SeenHolder | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { ...parseHolder(text), seenMs: mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** A text that is no lock of ours counts as the lock of process 0, which never lives. */
function parseHolder(text: string): Holder {
  try {
    const { pid, host, token } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    return { pid: Number(pid), host: String(host), token: String(token) };
  } catch {
    return { pid: 0, host: "", token: text };
  }
}

/** A lock whose process is gone, or has been silent for minutes: its number may be another process by now. */
function isStale(machine: Machine, holder: SeenHolder): boolean {
  const isHere = holder.host === machine.hostName;
  if (holder.pid === 0 || (isHere && !machine.isAlive(holder.pid))) return true;
  return machine.nowMs() - holder.seenMs > SILENT_MS;
}

/** Removes the lock only if it is still the one with this token: another waiting run may have taken over first. */
async function removeExactly(path: string, token: string): Promise<void> {
  const aside = `${path}.aside-${process.pid}-${Math.random().toString(36).slice(2)}`;
  try {
    await rename(path, aside);
    const isOther = parseHolder(await readFile(aside, "utf8")).token !== token;
    if (isOther) await link(aside, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

function holdLock(path: string, mine: Holder): ReleaseLock {
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    await removeExactly(path, mine.token);
  };
}
