import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureEntry } from "./cache";
import { bringGo, isGoOnPath } from "./engine-from-go";
import { type Machine, platformName, thisMachine } from "./machine";
import type { Progress } from "./progress";
import { OLDEST_GO } from "./versions";

/** Finds Go on PATH, or brings it into the cache, once; gives the program. Throws a ToolchainError. */
export async function ensureGo(
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<string> {
  if (await isGoOnPath(machine)) return "go";
  const name = `go-${OLDEST_GO.join(".")}-${platformName(machine)}`;
  const fill = async (folder: string) => {
    await bringGo(machine, folder, progress);
    const program = await programIn(folder);
    return { files: [program], facts: { program } };
  };
  const { folder, facts } = await ensureEntry(machine, { name, fill }, progress);
  return join(folder, facts["program"] ?? "");
}

/** The program itself: what pip puts before it knows only the folder that the entry had while it was made. */
async function programIn(folder: string): Promise<string> {
  const [python = ""] = await readdir(join(folder, "go", "lib"));
  return join("go", "lib", python, "site-packages", "go", "bin", "go");
}
