import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const PACKAGES = [
  "@aws-sdk/client-secrets-manager",
  "@aws-lambda-powertools/parameters",
  "@middy/core",
  "@middy/secrets-manager",
];

/** What was measured, on what. */
export function machine(): string {
  const [first] = cpus();
  const versions = PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(", ");
  return `${cpus().length} × ${first?.model ?? "unknown processor"}, ${process.platform} ${process.arch}, Node ${process.versions.node}; ${versions}.`;
}

function versionOf(name: string): string {
  const file = join(ROOT, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** A Markdown table with a line for each measure and a column for each library. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const titles = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const lines = titles.map((title) => {
    const head = title === "library" ? "" : title;
    return line([head, ...rows.map((row) => row[title] ?? "")]);
  });
  const rule = line(["", ...rows].map(() => "---"));
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}
