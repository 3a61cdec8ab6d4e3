import { readdirSync, readFileSync } from "node:fs";

/** Kills every process below this one in which a function runs, and says how many there were. */
export function killFunctions(functionName: string): number {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map(processes.map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: string): boolean => {
    const parent = parents.get(pid);
    return parent === String(process.pid) || (parent !== undefined && isBelow(parent));
  };
  const found = processes.filter((pid) => runs(pid, functionName) && isBelow(pid));
  for (const pid of found) process.kill(Number(pid), "SIGKILL");
  return found.length;
}

function parentOf(pid: string): string | undefined {
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return parent;
}

function runs(pid: string, functionName: string): boolean {
  const variables = read(`/proc/${pid}/environ`).split("\0");
  return variables.includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`);
}

/** A process may be gone before it is looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
