import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../code-blocks";
import { PAGES, redrawn } from "./pages";

/** `npm run drawings`: makes every drawing of the documents anew. */
async function main(): Promise<void> {
  for (const page of PAGES) {
    const { before, after, names } = await redrawn(page);
    if (after !== before) writeFileSync(join(PROJECT, page), after);
    process.stdout.write(`${page}  ${names.join(", ")}${after === before ? "" : "  redrawn"}\n`);
  }
}

void main();
