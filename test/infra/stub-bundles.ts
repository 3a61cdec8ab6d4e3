import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTION_ROLES, type FunctionRole } from "../../contract/names";

/** A folder of built functions for a program that is only recorded: what they do does not matter to it. */
export interface StubBundles {
  readonly folder: string;
  remove(): void;
}

/** Makes such a folder; default: with every function. */
export function stubBundles(roles: readonly FunctionRole[] = FUNCTION_ROLES): StubBundles {
  const folder = mkdtempSync(join(tmpdir(), "bundles-"));
  for (const role of roles) {
    mkdirSync(join(folder, role));
    writeFileSync(join(folder, role, "index.mjs"), "export const handler = () => {};");
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
