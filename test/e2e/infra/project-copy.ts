import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../../../local/world/world";

const PROJECT = join(__dirname, "../../..");

/** The Pulumi project as a folder of the world's own, so that a test may change its sources and bundles. */
export function copyProject(world: World): string {
  const folder = join(world.folder, "project");
  mkdirSync(folder);
  for (const name of ["Pulumi.yaml", "package.json", "tsconfig.json"]) {
    cpSync(join(PROJECT, name), join(folder, name));
  }
  for (const name of ["contract", "infra", "dist/lambda"]) {
    cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  return folder;
}
