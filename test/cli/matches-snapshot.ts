import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Compares a text with its snapshot, a file that a person can read.
 *
 * Set UPDATE_SNAPSHOTS=1 to write it anew, and look at the difference before you commit it.
 */
export function expectSnapshot(name: string, text: string): void {
  const file = join(__dirname, "snapshots", `${name}.snap.txt`);
  if (process.env["UPDATE_SNAPSHOTS"] === "1") writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, "utf8") : `there is no ${file}`).toBe(text);
}
