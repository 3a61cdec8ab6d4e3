import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whether something in a folder of the project is older than the newest of its sources, or nothing is there yet. */
export function isStale(project: string, output: string, sources: readonly string[]): boolean {
  const built = timesBelow(join(project, output));
  const made = sources.flatMap((source) => timesBelow(join(project, source)));
  return built.length === 0 || Math.min(...built) < Math.max(...made);
}

/** When a file, or each file below a folder, was last written, in milliseconds. */
function timesBelow(path: string): number[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [statSync(path).mtimeMs];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs);
}
