import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/**
 * Links the built command where `npx` and a PATH with `node_modules/.bin` find it: npm links no package to
 * itself, and takes away with `npm ci` what it does not know.
 */
export function linkCommand(project: string): void {
  linkProgram(project, "shopify-secrets", join(project, "dist/cli/main.js"));
}

/** Links any built program likewise. */
export function linkProgram(project: string, name: string, program: string): void {
  if (process.platform === "win32") return; // there a link takes administrators' rights
  const link = join(project, "node_modules/.bin", name);
  if (existsSync(link)) return; // a link that leads nowhere does not exist
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), program), link);
}
