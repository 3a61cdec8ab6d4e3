import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** One line of the process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
}

/**
 * Ends a process and everything that descends from it, each by its own id.
 *
 * A process group is not enough: the engine puts its plugins into groups of their own.
 */
export function endTree(pid: number, table: readonly ProcessRow[] = processTable()): void {
  // Parents first, so that none of them starts another child while its children are being ended.
  for (const id of [pid, ...descendantsOf(pid, table)]) endOne(id);
}

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
      const parent = parentOf(name);
      return parent === undefined ? [] : [{ pid: Number(name), parent }];
    });
}

function parentOf(pid: string): number | undefined {
  try {
    // proc(5): "pid (name) state ppid …"; the name may hold spaces and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it ended while we were reading
  }
}

function posixTable(): ProcessRow[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return pid && parent !== undefined ? [{ pid, parent }] : [];
  });
}

function endOne(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it ended in the meantime
  }
}
