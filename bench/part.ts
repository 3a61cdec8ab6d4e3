import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = resolve(__dirname, "..");

export interface BenchOptions {
  /** Fewer rounds and smaller sizes, for a look; the page says so. */
  readonly isQuick: boolean;
  /** The numbers of stores, where a part has them. Default: the part's own. */
  readonly sizes?: readonly number[];
}

/** One part of the bench: it measures, and answers its section of docs/benchmarks.md as Markdown. */
export interface Part {
  readonly title: string;
  /** The packages whose versions the section names. */
  readonly packages: readonly string[];
  run(options: BenchOptions): Promise<string>;
}

/** What was measured, on what, and when. */
export function machineLine({ packages }: Part, { isQuick }: BenchOptions): string {
  const [first] = cpus();
  const versions = packages.map((name) => `${name} ${versionOf(name)}`);
  const facts = [
    `${cpus().length} × ${first?.model ?? "unknown processor"}`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    ...versions,
    moment(),
    isQuick ? "quick run" : "full run",
  ];
  return `*${facts.join("; ")}.*`;
}

/** When a table that stands by itself was measured, and how busy the machine was. */
export const momentLine = (): string => `*${moment()}.*`;

function moment(): string {
  return `load ${loadavg()[0]?.toFixed(1)}; ${new Date().toISOString().slice(0, 10)}`;
}

function versionOf(name: string): string {
  const file = join(ROOT, "node_modules", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** A Markdown table; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
