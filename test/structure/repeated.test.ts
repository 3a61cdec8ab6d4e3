import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { ROOT, sourcesOf } from "./sources";

const FOLDERS = [
  ...["contract", "infra", "lambda", "reader", "cli", "smoke", "examples"],
  ...["local", "bench", "scripts", "test"],
];

/** So many lines of the same text are one idea that stands twice. */
const MOST_LINES = 10;

interface Line {
  readonly text: string;
  readonly number: number;
}

/** The lines of a source that say something: no blank ones, comments, imports and lone punctuation. */
function linesOf(source: string): Line[] {
  const bare = source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/^(?:import|export)\b[^;]*?from "[^"]+";$/gm, (text) => text.replace(/[^\n]/g, ""));
  return bare.split("\n").flatMap((line, index) => {
    const text = line.trim();
    return /\w/.test(text) && !text.startsWith("//") ? [{ text, number: index + 1 }] : [];
  });
}

/** The pairs of places in which so many lines in a row are the same, each named once by its first line. */
function repeatedIn(sources: ReadonlyMap<string, string>): string[] {
  const seen = new Map<
    string,
    { readonly file: string; readonly line: number; readonly at: number }
  >();
  const pairs: string[] = [];
  for (const [file, source] of sources) {
    const lines = linesOf(source);
    let until = 0;
    for (let at = 0; at + MOST_LINES <= lines.length; at += 1) {
      const run = lines.slice(at, at + MOST_LINES);
      const text = run.map((line) => line.text).join("\n");
      const line = run[0]?.number ?? 0;
      const before = seen.get(text);
      if (before === undefined) seen.set(text, { file, line, at });
      // What overlaps itself is one run, such as a table's.
      else if (at >= until && (before.file !== file || at - before.at >= MOST_LINES)) {
        pairs.push(`${before.file}:${before.line} ~ ${file}:${line}`);
        until = at + MOST_LINES;
      }
    }
  }
  return pairs;
}

describe("the same text", () => {
  test("of ten lines or more stands nowhere twice", () => {
    const files = FOLDERS.flatMap(sourcesOf).map((file) => relative(ROOT, file));
    expect(files.length).toBeGreaterThan(900);
    const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
    expect(repeatedIn(sources)).toEqual([]);
  });

  const told = Array.from({ length: MOST_LINES }, (_, index) => `  const line${index} = ${index};`);

  test("is found in two files, and not while one line differs", () => {
    const found = (other: readonly string[]) =>
      repeatedIn(
        new Map([
          ["a.ts", ["function a() {", ...told, "}"].join("\n")],
          ["b.ts", ["// moved", "function b() {", "", ...other, "}"].join("\n")],
        ]),
      );
    expect(found(told)).toEqual(["a.ts:2 ~ b.ts:4"]);
    expect(found(told.with(5, "  const another = 5;"))).toEqual([]);
  });

  test("of imports and comments counts nowhere", () => {
    const imports = told.map((_, index) => `import { a${index} } from "./a${index}";`);
    const text = [...imports, "/**", ...told, " */"].join("\n");
    expect(
      repeatedIn(
        new Map([
          ["a.ts", text],
          ["b.ts", text],
        ]),
      ),
    ).toEqual([]);
  });
});
