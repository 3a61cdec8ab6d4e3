import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** One line of the process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** The letter of proc(5) and ps(1): T is stopped, Z has ended. */
  readonly state?: string | undefined;
}

/**
 * Ends a process and everything that descends from it, each by its own id.
 *
 * A process group is not enough: the engine puts its plugins into groups of their own. All are stopped before any is
 * ended: one that is stopped starts no further child, and one that is ended leaves its children to nobody's search.
 */
export function endTree(pid: number): void {
  const stopped = new Set<number>();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const table = processTable();
    const tree = new Set([pid, ...descendantsOf(pid, table)]);
    const found = [...tree].filter((id) => !stopped.has(id));
    for (const id of found) {
      signal(id, "SIGSTOP");
      stopped.add(id);
    }
    // A signal takes effect a moment after it was sent, and a child may have been under way.
    const isStill = table.every(({ pid: id, state }) => !tree.has(id) || isAtRest(state));
    if (found.length === 0 && isStill) break;
  }
  for (const id of stopped) signal(id, "SIGKILL");
}

/** One that waits for its disk cannot be stopped; it is ended all the same. */
const MOST_LOOKS = 1_000;

const isAtRest = (state: string | undefined) => /^[TtZX]/.test(state ?? "");

/** The ids of all processes below this one, parents before their children. */
export function descendantsOf(pid: number, table: readonly ProcessRow[]): number[] {
  const children = table.filter((row) => row.parent === pid && row.pid !== pid);
  return children.flatMap((row) => [row.pid, ...descendantsOf(row.pid, table)]);
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Every process of the machine. */
export function processTable(): ProcessRow[] {
  return existsSync("/proc/self/stat") ? linuxTable() : posixTable();
}

/** Read from /proc: small Linux images have no `ps`. */
function linuxTable(): ProcessRow[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const row = rowOf(name);
      return row === undefined ? [] : [row];
    });
}

function rowOf(pid: string): ProcessRow | undefined {
  try {
    // proc(5): "pid (name) state ppid …"; the name may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), parent: Number(parent), state };
  } catch {
    return undefined; // it ended while we were reading
  }
}

function posixTable(): ProcessRow[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [pid = "", parent, state] = line.trim().split(/\s+/);
    return pid !== "" && parent !== undefined
      ? [{ pid: Number(pid), parent: Number(parent), state }]
      : [];
  });
}

function signal(pid: number, name: "SIGSTOP" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended in the meantime
  }
}
