import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FUNCTION_ROLES, type FunctionRole, LIST_ROLE } from "../../contract/names";

/** A folder of built functions for a program that is only recorded: what they do does not matter to it. */
export interface StubBundles {
  readonly folder: string;
  remove(): void;
}

/** Makes such a folder; default: with every function, as a small fleet has it and as a large one has. */
export function stubBundles(roles: readonly FunctionRole[] = FUNCTION_ROLES): StubBundles {
  const folder = mkdtempSync(join(tmpdir(), "bundles-"));
  for (const name of [...roles, "sweep-queue", LIST_ROLE]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.mjs"), "export const handler = () => {};");
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}
