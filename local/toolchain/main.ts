import { lstat, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheFolderOf } from "./cache";
import { ensureEmulator } from "./emulator";
import { ensureEngine } from "./engine";
import { ensureLanguages } from "./languages";
import { thisMachine } from "./machine";
import { createProgress, processSurroundings } from "./progress";
import { ToolchainError } from "./trouble";
import { FUNCTIONS_NODE_VERSION, YAML_HOST_VERSION } from "./versions";

// Installs everything that the local world needs, and prints what is where and how big.
const EXIT_TROUBLE = 1;
const EXIT_INTERRUPTED = 130;

async function main(): Promise<void> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => interrupt.abort());
  }
  try {
    process.stdout.write(await install(interrupt.signal));
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.code === "interrupted" ? EXIT_INTERRUPTED : EXIT_TROUBLE;
  }
}

async function install(interrupt: AbortSignal): Promise<string> {
  const machine = thisMachine(interrupt);
  const progress = createProgress(processSurroundings());
  const engine = await ensureEngine(progress, machine);
  const emulator = await ensureEmulator(progress, machine);
  const languages = await ensureLanguages(progress, machine);
  const environment = dirname(dirname(emulator.python));
  const hosts = dirname(dirname(languages.sdkGenerator));
  return tableOf([
    ["what", "version", "MB", "where"],
    [
      `Pulumi engine (${engine.how})`,
      engine.version,
      await megabytesOf(engine.binDir),
      engine.binDir,
    ],
    ["AWS emulator", emulator.version, await megabytesOf(environment), environment],
    ["  Node of the functions", FUNCTIONS_NODE_VERSION, "", emulator.nodeBinDir],
    ["  clock library", "", "", emulator.faketimeLibrary ?? "none: the clock cannot be moved here"],
    ["hosts of other languages", YAML_HOST_VERSION, await megabytesOf(hosts), hosts],
    ["cache folder", "", await megabytesOf(cacheFolderOf(machine)), cacheFolderOf(machine)],
  ]);
}

function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const padded = (cell: string, column: number) => cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => `${row.map(padded).join("  ").trimEnd()}\n`).join("");
}

async function megabytesOf(folder: string): Promise<string> {
  return Math.round((await bytesOf(folder)) / 1e6).toString();
}

/** The bytes of all plain files of a folder; links are not followed. */
async function bytesOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const item of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, item.name);
    if (item.isDirectory()) bytes += await bytesOf(path);
    else if (item.isFile()) bytes += (await lstat(path)).size;
  }
  return bytes;
}

void main();
