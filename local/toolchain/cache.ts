import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { takeLock } from "./lock";
import type { Machine } from "./machine";
import type { Progress } from "./progress";
import { ToolchainError } from "./trouble";

/** A complete entry of the cache. */
export interface CacheEntry {
  readonly folder: string;
  /** What the maker wanted to remember. */
  readonly facts: Readonly<Record<string, string>>;
}

/** How an entry is made. */
export interface EntryPlan {
  /** The folder's name in the cache: what it is, its version, the platform. */
  readonly name: string;
  /** Fills `folder`, which becomes `finalFolder` once it is whole, and names the files that make it usable. */
  fill(folder: string, finalFolder: string): Promise<FilledEntry>;
}

export interface FilledEntry {
  /** Paths in the entry that must be there; plain files also keep their size. */
  readonly files: readonly string[];
  readonly facts: Readonly<Record<string, string>>;
}

/** The file that marks an entry as whole; it is there before the entry gets its name. */
const MANIFEST = "manifest.json";
const GIB = 1_024 ** 3;

/** The cache folder: SHOPIFY_SECRETS_CACHE, else the user's cache folder as the platform has it. */
export function cacheFolderOf(machine: Pick<Machine, "env" | "platform" | "home">): string {
  const { env, platform, home } = machine;
  if (isSet(env["SHOPIFY_SECRETS_CACHE"])) return env["SHOPIFY_SECRETS_CACHE"];
  if (isSet(env["XDG_CACHE_HOME"])) return join(env["XDG_CACHE_HOME"], "shopify-secrets");
  const caches = platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  return join(caches, "shopify-secrets");
}

/** Finds the entry, or makes it under a lock: in a folder beside its place, which is renamed once it is whole. */
export async function ensureEntry(
  machine: Machine,
  plan: EntryPlan,
  progress: Progress,
): Promise<CacheEntry> {
  const cache = cacheFolderOf(machine);
  const folder = join(cache, plan.name);
  const found = await readEntry(folder);
  if (found !== undefined) return found;
  const release = await lockCache(machine, folder, progress);
  try {
    return (await readEntry(folder)) ?? (await makeEntry(machine, plan, progress));
  } finally {
    await release();
  }
}

/** Reads an entry; undefined when it is not there, half built, or has lost one of its files. */
export async function readEntry(folder: string): Promise<CacheEntry | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as Manifest;
    for (const [path, size] of Object.entries(manifest.files)) {
      if ((await sizeOf(join(folder, path))) !== size) return undefined;
    }
    return { folder, facts: manifest.facts };
  } catch {
    return undefined;
  }
}

/** Throws `disk_full` when the disk of `folder` has less than `neededGib` GiB left. */
export async function requireFreeSpace(
  machine: Machine,
  folder: string,
  neededGib: number,
): Promise<void> {
  const freeGib = (await machine.freeBytes(folder)) / GIB;
  if (freeGib >= neededGib) return;
  throw new ToolchainError(
    "disk_full",
    `${freeGib.toFixed(1)} GiB free at ${folder}, ${neededGib} GiB needed for the time of the installation`,
  );
}

/** Removes a folder tree, read-only folders (Go's module cache) included. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await makeWritable(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Manifest {
  /** The size of each plain file in bytes; null for folders and links. */
  readonly files: Readonly<Record<string, number | null>>;
  readonly facts: Readonly<Record<string, string>>;
}

async function lockCache(machine: Machine, folder: string, progress: Progress) {
  try {
    await mkdir(dirname(folder), { recursive: true });
    return await takeLock(machine, `${folder}.lock`, progress);
  } catch (error) {
    throw cacheTrouble(error, folder);
  }
}

async function makeEntry(
  machine: Machine,
  plan: EntryPlan,
  progress: Progress,
): Promise<CacheEntry> {
  const folder = join(cacheFolderOf(machine), plan.name);
  const building = `${folder}.building-${machine.pid}`;
  await clearLeftovers(folder, progress);
  try {
    await mkdir(building);
    const filled = await plan.fill(building, folder);
    await writeManifest(building, filled);
    await rename(building, folder);
    return { folder, facts: filled.facts };
  } catch (error) {
    throw cacheTrouble(error, folder);
  } finally {
    await removeTree(building);
  }
}

/** Under the lock nobody builds: whatever stands there unfinished is from a run that died. */
async function clearLeftovers(folder: string, progress: Progress): Promise<void> {
  const cache = dirname(folder);
  const mine = (name: string) => {
    const path = join(cache, name);
    return path === folder || path.startsWith(`${folder}.building-`);
  };
  const leftovers = (await readdir(cache)).filter(mine);
  if (leftovers.length === 0) return;
  progress.step("clearing away what an earlier run left half built");
  for (const name of leftovers) await removeTree(join(cache, name));
  progress.done();
}

async function writeManifest(folder: string, filled: FilledEntry): Promise<void> {
  const files: Record<string, number | null> = {};
  for (const path of filled.files) files[path] = await sizeOf(join(folder, path));
  const manifest: Manifest = { files, facts: filled.facts };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The size of a plain file; null for a folder or a link whose target is there; throws for nothing. */
async function sizeOf(path: string): Promise<number | null> {
  const target = await stat(path);
  const isPlain = (await lstat(path)).isFile();
  return isPlain ? target.size : null;
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const item of await readdir(folder, { withFileTypes: true })) {
    if (item.isDirectory()) await makeWritable(join(folder, item.name));
  }
}

function cacheTrouble(error: unknown, folder: string): unknown {
  if (error instanceof ToolchainError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new ToolchainError("disk_full", folder);
  const isRefused = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].includes(String(code));
  return isRefused ? new ToolchainError("cache_unwritable", `${String(code)} at ${folder}`) : error;
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
