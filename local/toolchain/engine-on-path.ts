import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { succeeded } from "./command";
import type { Machine } from "./machine";
import { isAtLeast, OLDEST_ENGINE, parseVersion } from "./versions";

export const ENGINE_PROGRAM = "pulumi";
export const LANGUAGE_HOST_PROGRAM = "pulumi-language-nodejs";

/** An engine that the user has installed. */
export interface EngineOnPath {
  readonly binDir: string;
  readonly version: string;
}

const VERSION_LIMIT_MS = 10_000;

/** Finds a pulumi on PATH that is new enough and has its Node language host beside it or on PATH. */
export async function findEngineOnPath(machine: Machine): Promise<EngineOnPath | undefined> {
  const program = await findOnPath(machine, ENGINE_PROGRAM);
  if (program === undefined) return undefined;
  const beside = join(dirname(await realpath(program)), LANGUAGE_HOST_PROGRAM);
  const hasHost =
    (await isExecutable(beside)) ||
    (await findOnPath(machine, LANGUAGE_HOST_PROGRAM)) !== undefined;
  if (!hasHost) return undefined;
  const version = await engineVersion(machine, program);
  if (!isAtLeast(parseVersion(version), OLDEST_ENGINE)) return undefined;
  return { binDir: dirname(program), version };
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

/** The first executable of that name in the folders of PATH. */
export async function findOnPath(machine: Machine, name: string): Promise<string | undefined> {
  const folders = (machine.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
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
