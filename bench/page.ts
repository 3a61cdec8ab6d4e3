import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./part";

export const PAGE = join(ROOT, "docs/benchmarks.md");

const HEAD = `# Benchmarks

\`npm run bench\` measures all of this and writes this page; \`npm run bench -- reader\` (or another part) does one part, \`--quick\` takes
fewer rounds, \`--print\` writes nothing. Figures of one table come from one run, side by side, taking turns, so that a busy machine disturbs
all of them alike: compare the columns, not the page with another machine. A cell is the median, with the quartiles behind it.
`;

const begin = (part: string) => `<!-- begin ${part} -->`;
const end = (part: string) => `<!-- end ${part} -->`;

/** The page as it is. */
export const readPage = (): string => (existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "");

/** Puts one part's section onto the page, in the order of `parts`, and leaves the others as they are. */
export function writeSection(part: string, section: string, parts: readonly string[]): void {
  const before = readPage();
  const sections = parts.flatMap((name) => {
    const text = name === part ? section : sectionOf(before, name);
    return text === undefined ? [] : [`${begin(name)}\n${text.trim()}\n${end(name)}\n`];
  });
  writeFileSync(PAGE, [HEAD, ...sections].join("\n"));
}

/** A part's section, as the page has it. */
export function sectionOf(page: string, part: string): string | undefined {
  const [from, to] = [page.indexOf(begin(part)), page.indexOf(end(part))];
  return from === -1 || to === -1 ? undefined : page.slice(from + begin(part).length, to);
}

/** The section's own text, and its tables by the number of stores that stands in their headings. */
function bySize(section: string): {
  readonly head: string;
  readonly sizes: ReadonlyMap<number, string>;
} {
  const [head = "", ...tables] = section.split(/^(?=### )/m);
  const sizes = tables.map((text) => [Number(/^### (\d+)/.exec(text)?.[1]), text.trim()] as const);
  return { head: head.trim(), sizes: new Map(sizes) };
}

/** A section that was measured for some sizes, with the tables that the page has of the others. */
export function withOtherSizes(section: string, before: string): string {
  const fresh = bySize(section);
  const all = new Map([...bySize(before).sizes, ...fresh.sizes]);
  const inOrder = [...all].sort(([one], [other]) => one - other).map(([, text]) => text);
  return [fresh.head, ...inOrder].join("\n\n");
}
