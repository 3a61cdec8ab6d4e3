import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { mapOf } from "./build-bundles";

const ROOT = resolve(__dirname, "..");

/** The sources' own places of what a log line calls `at`: `index.mjs:1:2345 < index.mjs:1:99`. */
export function readFrames(mapFile: string, at: string): string[] {
  const map = new SourceMap(JSON.parse(readFileSync(mapFile, "utf8")) as SourceMapPayload);
  return at.split(" < ").map((place) => {
    const [, line, column] = /^index\.mjs:(\d+):(\d+)$/.exec(place.trim()) ?? [];
    if (line === undefined || column === undefined) return place;
    const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!("originalSource" in entry)) return place;
    const source = relative(ROOT, resolve(dirname(mapFile), entry.originalSource));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

if (require.main === module) {
  const [name = "", at = ""] = process.argv.slice(2);
  try {
    const mapFile = mapOf(join(ROOT, "dist", "lambda", name));
    process.stdout.write(`${readFrames(mapFile, at).join("\n")}\n`);
  } catch {
    process.stderr.write(
      "usage: npm run frames -- <function> '<at of the log line>', after npm run build of that version\n",
    );
    process.exitCode = 2;
  }
}
