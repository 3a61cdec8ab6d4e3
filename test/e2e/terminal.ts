import { spawn } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { World } from "../../local/world/world";
import { PROJECT } from "../docs/code-blocks";

/** Runs a script without blocking: AWS and Shopify of the world live in this very process. */
export async function shell(
  script: string,
  place: { cwd: string; env: Record<string, string> },
): Promise<{ status: number | null; output: string }> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
    ...place,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output };
}

/** A terminal asks before it changes anything; here nobody answers. `npm ci` is what these tests began with. */
export function runnable(code: string): string {
  return code
    .replace(/^npm (?:ci|run build)$/gm, "true")
    .replace(/^(pulumi (?:up|destroy|refresh))(?! --yes)\b/gm, "$1 --yes --skip-preview");
}

/** The project as a folder of the world's own: `pulumi stack init` writes config files beside Pulumi.yaml. */
export function projectIn(world: World): string {
  const folder = join(world.folder, "project");
  mkdirSync(folder);
  for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "package.json", "tsconfig.json"]) {
    cpSync(join(PROJECT, name), join(folder, name));
  }
  for (const name of ["cli", "contract", "dist", "infra", "node_modules"]) {
    symlinkSync(join(PROJECT, name), join(folder, name));
  }
  return folder;
}
