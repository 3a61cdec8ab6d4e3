import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { succeeded } from "./command";
import type { Machine } from "./machine";
import { pythonEnvironment } from "./python";

/** Where the wheel `libfaketime` keeps its library, in the folder of the Python packages. */
export const WHEEL_FAKETIME = join(
  "libfaketime",
  "vendor",
  "libfaketime",
  "src",
  "libfaketime.so.1",
);

const LIBRARY = join("faketime", "libfaketime.so.1");
const LIMIT_MS = 20_000;
const DAY_SECONDS = 86_400;

/** Whether a library loads on this machine and really moves the clock of a program. */
export async function movesTime(
  machine: Machine,
  { python, library }: { readonly python: string; readonly library: string },
): Promise<boolean> {
  if (machine.platform !== "linux" || !(await isThere(library))) return false;
  const result = await machine.run({
    file: python,
    args: ["-c", "import time; print(int(time.time()))"],
    env: { ...pythonEnvironment(machine.env), LD_PRELOAD: library, FAKETIME: "+1000d" },
    limitMs: LIMIT_MS,
  });
  const seen = Number(result.stdout.trim());
  return succeeded(result) && seen > machine.nowMs() / 1_000 + 999 * DAY_SECONDS;
}

/** The libfaketime of the system (Debian's package faketime), if there is one and it works. */
export async function findSystemFaketime(
  machine: Machine,
  python: string,
): Promise<string | undefined> {
  for (const library of await systemLibraries()) {
    if (await movesTime(machine, { python, library })) return library;
  }
  return undefined;
}

async function systemLibraries(): Promise<string[]> {
  const multiarch = await readdir("/usr/lib").catch((): string[] => []);
  const folders = ["/usr/local/lib", "/usr/lib", "/usr/lib64"];
  return [...folders, ...multiarch.map((name) => join("/usr/lib", name))].map((folder) =>
    join(folder, LIBRARY),
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
