import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

export const ROOT = join(__dirname, "../..");

/** The sources below a folder of the project, as absolute paths. */
export function sourcesOf(folder: string): string[] {
  return entriesOf(join(ROOT, folder)).filter((file) => file.endsWith(".ts"));
}

function entriesOf(folder: string): string[] {
  if (!existsSync(folder)) return []; // a folder of the layout that has no code yet
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => !/(^|\/)node_modules\//.test(name))
    .map((name) => join(folder, name));
}

/** The imports of a file, those of types included; our own ones as paths from the project's folder. */
export function importsOf(file: string): string[] {
  return specifiersOf(readFileSync(file, "utf8")).map((name) =>
    name.startsWith(".") ? relative(ROOT, normalize(join(dirname(file), name))) : name,
  );
}

export function specifiersOf(source: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|\b(?:import|require)\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g;
  return [...source.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}
