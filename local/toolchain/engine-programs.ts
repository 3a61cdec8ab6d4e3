import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { succeeded } from "./command";
import type { Machine } from "./machine";
import { ENGINE_VERSION } from "./versions";

export const ENGINE_PROGRAM = "pulumi";
export const LANGUAGE_HOST_PROGRAM = "pulumi-language-nodejs";

/** Hashes of unpacked engines by `<os>-<arch>`, as `treeHashOf` makes them. */
export type EngineTrees = Readonly<Record<string, string>>;

/** Where an engine is made: `folder` becomes the cache entry, `scratch` is removed afterwards. */
export interface EnginePlace {
  readonly folder: string;
  readonly scratch: string;
  /** What a downloaded engine has to hold. */
  readonly trees: EngineTrees;
}

const VERSION_LIMIT_MS = 10_000;

/** Whether a folder holds the engine of our version and its language host. */
export async function isWholeEngine(machine: Machine, bin: string): Promise<boolean> {
  const program = join(bin, ENGINE_PROGRAM);
  if (!(await isExecutable(program))) return false;
  if (!(await isExecutable(join(bin, LANGUAGE_HOST_PROGRAM)))) return false;
  return (await engineVersion(machine, program)) === ENGINE_VERSION;
}

/** What `pulumi version` says, without the v; an empty text when it says nothing. */
export async function engineVersion(machine: Machine, program: string): Promise<string> {
  const result = await machine.run({
    file: program,
    args: ["version"],
    env: { ...machine.env, PULUMI_SKIP_UPDATE_CHECK: "1" },
    limitMs: VERSION_LIMIT_MS,
  });
  return succeeded(result) ? result.stdout.trim().replace(/^v/, "") : "";
}

/** Whether a file is there and may be executed. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
