import { execFileSync } from "node:child_process";

/** The ids of the processes that this one started and that still run. */
export function childrenOf(pid: number): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [id, parent, name] = line.trim().split(/\s+/);
    return Number(parent) === pid && name !== "ps" ? [Number(id)] : [];
  });
}
