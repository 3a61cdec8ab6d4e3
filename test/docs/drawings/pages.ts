import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../code-blocks";
import { drawOverlap } from "./overlap";
import { drawPair } from "./pair";
import { drawParts } from "./parts";
import { drawRotation } from "./rotation";

/** Every drawing of the documents, by its name, and how it is made from the real thing. */
export const DRAWINGS: Readonly<Record<string, () => string | Promise<string>>> = {
  parts: drawParts,
  rotation: drawRotation,
  pair: drawPair,
  overlap: drawOverlap,
};

/** Where a drawing stands in a page: between two marks, of which the first names it. */
const PLACE = /<!-- drawing: (\w+) -->\n\n```mermaid\n[\s\S]*?```\n\n<!-- \/drawing -->/g;

const shown = (name: string, text: string): string =>
  `<!-- drawing: ${name} -->\n\n\`\`\`mermaid\n${text}\n\`\`\`\n\n<!-- /drawing -->`;

/** The pages that hold drawings. */
export const PAGES = ["README.md", "docs/architecture.md", "docs/offline.md"];

/** The drawings that a page wants. */
export function namesIn(page: string): string[] {
  const text = readFileSync(join(PROJECT, page), "utf8");
  return [...text.matchAll(PLACE)].map(([, name = ""]) => name);
}

/** A page as it stands, and as it stands with its drawings made anew. */
export async function redrawn(
  page: string,
): Promise<{ readonly before: string; readonly after: string; readonly names: readonly string[] }> {
  const before = readFileSync(join(PROJECT, page), "utf8");
  const names = namesIn(page);
  const texts = new Map<string, string>();
  for (const name of names) {
    const draw = DRAWINGS[name];
    if (draw === undefined) throw new Error(`${page} wants a drawing ${name} that nobody makes`);
    texts.set(name, await draw());
  }
  const after = before.replace(PLACE, (_all, name: string) => shown(name, texts.get(name) ?? ""));
  return { before, after, names };
}
