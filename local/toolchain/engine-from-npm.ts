import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { lastLineOf, succeeded } from "./command";
import { type EnginePlace, type EngineTrees, isWholeEngine } from "./engine-programs";
import { type Machine, platformName } from "./machine";
import type { Progress } from "./progress";
import { treeHashOf } from "./tree-hash";
import { ENGINE_VERSION } from "./versions";

/** The content of the official wrapper package at this version, as npm states it. */
const WRAPPER_INTEGRITY =
  "sha512-UVNrV9wq63nVJBq2fCSXFolkH96OldqFGAde8jm/apVtMDB7M8R01u3cbyZTD4LSRRWyD78RccUkMM2wudAGAg==";
const WRAPPER_LIMIT_MS = 30_000;
const PROBE_LIMIT_MS = 4_000;
const DOWNLOAD_LIMIT_MS = 15 * 60_000;

/**
 * Lets the official npm package `pulumi` download the engine, where its download host is in reach. Says whether
 * `folder/bin` now holds an engine; it never throws for the network, since there is another way. Nothing of an engine
 * runs before its content is found to be the pinned one, where one is known for this platform.
 */
export async function bringEngineFromNpm(
  machine: Machine,
  place: EnginePlace,
  progress: Progress,
): Promise<boolean> {
  progress.step("Pulumi engine: asking whether its official download is in reach");
  const wrapper = await installWrapper(machine, place.scratch);
  const address = wrapper === undefined ? undefined : await downloadAddressOf(wrapper);
  const isInReach = address !== undefined && (await machine.answers(address, PROBE_LIMIT_MS));
  if (wrapper === undefined || !isInReach) {
    progress.done("no");
    return false;
  }
  progress.done("yes");
  return downloadEngine(machine, { ...place, wrapper }, progress);
}

async function installWrapper(machine: Machine, scratch: string): Promise<string | undefined> {
  const prefix = join(scratch, "wrapper");
  const result = await machine.run({
    file: "npm",
    args: [
      ...NPM_INSTALL,
      `--prefix=${prefix}`,
      `--cache=${join(scratch, "npm")}`,
      `pulumi@${ENGINE_VERSION}`,
    ],
    cwd: scratch,
    env: machine.env,
    limitMs: WRAPPER_LIMIT_MS,
  });
  const isPinned = succeeded(result) && (await integrityOf(prefix)) === WRAPPER_INTEGRITY;
  return isPinned ? join(prefix, "node_modules", "pulumi") : undefined;
}

const NPM_INSTALL = [
  "install",
  "--no-audit",
  "--no-fund",
  "--ignore-scripts",
  "--fetch-retries=0",
  "--fetch-timeout=5000",
];

/** What npm itself noted about the package that it unpacked. */
async function integrityOf(prefix: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(prefix, "node_modules", ".package-lock.json"), "utf8");
    const lock = JSON.parse(text) as { packages?: Record<string, { integrity?: string }> };
    return lock.packages?.["node_modules/pulumi"]?.integrity;
  } catch {
    return undefined;
  }
}

/** The wrapper's own address of the install script: the one place that knows it. */
async function downloadAddressOf(wrapper: string): Promise<string | undefined> {
  try {
    const source = await readFile(join(wrapper, "lib", "download.js"), "utf8");
    return /"(https:\/\/[^"]+\.sh)"/.exec(source)?.[1];
  } catch {
    return undefined;
  }
}

async function downloadEngine(
  machine: Machine,
  place: EnginePlace & { readonly wrapper: string },
  progress: Progress,
): Promise<boolean> {
  progress.step(`Pulumi engine ${ENGINE_VERSION}: downloading it with the official npm package`);
  const root = join(place.scratch, "engine");
  const result = await machine.run({
    file: "node",
    args: ["-e", INSTALL, join(place.wrapper, "lib", "download.js"), ENGINE_VERSION, root],
    env: machine.env,
    limitMs: DOWNLOAD_LIMIT_MS,
    onLine: (line) => progress.tick(line.trim()),
  });
  const bin = join(root, "bin");
  const trouble = succeeded(result)
    ? await troubleWith(machine, bin, place.trees)
    : `it failed: ${lastLineOf(result)}`;
  if (trouble === undefined) await rename(bin, join(place.folder, "bin"));
  progress.done(trouble);
  return trouble === undefined;
}

/** The wrapper's own installation, without the first run of the engine that its command begins with. */
const INSTALL =
  "const [file, version, root] = process.argv.slice(1); require(file).installCLI(version, root)";

async function troubleWith(
  machine: Machine,
  bin: string,
  trees: EngineTrees,
): Promise<string | undefined> {
  const pinned = trees[platformName(machine)];
  if (pinned !== undefined && (await hashOf(bin)) !== pinned) {
    return "its content is not the pinned one, so it is left alone";
  }
  return (await isWholeEngine(machine, bin)) ? undefined : "it is not the engine of that version";
}

async function hashOf(folder: string): Promise<string | undefined> {
  try {
    return await treeHashOf(folder);
  } catch {
    return undefined; // nothing was unpacked there
  }
}
