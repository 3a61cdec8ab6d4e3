import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One fenced block of a document. */
export interface CodeBlock {
  readonly file: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  /** `ts`, `sh`, `yaml`, `text` … */
  readonly language: string;
  /** What stands behind the language, such as `local` or `aws`. */
  readonly mark: string;
  readonly code: string;
}

export const PROJECT = join(__dirname, "../..");

/** Every document that a person reads: README, the pages beside it, and docs. */
export function documents(): string[] {
  const docs = readdirSync(join(PROJECT, "docs"), { recursive: true, encoding: "utf8" });
  const pages = docs.filter((name) => name.endsWith(".md")).map((name) => join("docs", name));
  return ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ...pages.sort()];
}

export function blocksOf(file: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { line: number; language: string; mark: string; code: string[] } | undefined;
  for (const [index, text] of readFileSync(join(PROJECT, file), "utf8").split("\n").entries()) {
    const fence = /^\s*```(\w*) ?(.*)$/.exec(text);
    if (open && fence) {
      blocks.push({ ...open, file, code: open.code.join("\n") });
      open = undefined;
    } else if (open) {
      open.code.push(text);
    } else if (fence) {
      open = { line: index + 1, language: fence[1] ?? "", mark: fence[2] ?? "", code: [] };
    }
  }
  return blocks;
}
