import { readFileSync } from "node:fs";
import { descendantsOf, processTable } from "../../../local/world/process-tree";

/** Kills the process that runs a function of this test's world, as Lambda does with one that used up its memory. */
export function killFunction(functionName: string): void {
  const victims = descendantsOf(process.pid, processTable()).filter((pid) =>
    runs(pid, functionName),
  );
  if (victims.length === 0) throw new Error(`no process of this world runs ${functionName}`);
  for (const pid of victims) process.kill(pid, "SIGKILL");
}

/** proc(5): the environment that a process was started with, each entry ended by a zero byte. */
function runs(pid: number, functionName: string): boolean {
  try {
    const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return entries.includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`);
  } catch {
    return false; // it ended while we were reading
  }
}
