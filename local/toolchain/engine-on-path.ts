import { realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import {
  ENGINE_PROGRAM,
  engineVersion,
  isExecutable,
  LANGUAGE_HOST_PROGRAM,
} from "./engine-programs";
import type { Machine } from "./machine";
import { isAtLeast, OLDEST_ENGINE, parseVersion } from "./versions";

/** An engine that the user has installed. */
export interface EngineOnPath {
  readonly binDir: string;
  readonly version: string;
}

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

/** The first executable of that name in the folders of PATH. */
export async function findOnPath(machine: Machine, name: string): Promise<string | undefined> {
  const folders = (machine.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}
