import { existsSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { importsOf, ROOT, sourcesOf } from "./sources";

const FOLDERS = [
  ...["contract", "infra", "lambda", "reader", "cli", "smoke"],
  ...["local", "bench", "scripts", "test"],
];

/** What a module imports of its own, types included, by its path from the project's folder. */
type Graph = ReadonlyMap<string, readonly string[]>;

function graphOf(folders: readonly string[]): Graph {
  return new Map(
    folders.flatMap(sourcesOf).map((file) => {
      const own = importsOf(file).flatMap((name) => moduleAt(name) ?? []);
      return [relative(ROOT, file), own];
    }),
  );
}

function moduleAt(name: string): string | undefined {
  const paths = [name, `${name}.ts`, join(name, "index.ts")];
  return paths.find((path) => existsSync(join(ROOT, path)) && statSync(join(ROOT, path)).isFile());
}

/** The ways in which modules import each other in a circle, each begun at the module that was met first. */
function cyclesIn(graph: Graph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (module: string): void => {
    const at = way.indexOf(module);
    if (at >= 0) {
      cycles.push([...way.slice(at), module].join(" > "));
      return;
    }
    if (done.has(module)) return;
    way.push(module);
    for (const next of graph.get(module) ?? []) visit(next);
    way.pop();
    done.add(module);
  };
  for (const module of graph.keys()) visit(module);
  return cycles;
}

test("no modules import each other in a circle, not even each other's types", () => {
  const graph = graphOf(FOLDERS);
  expect(graph.size).toBeGreaterThan(500);
  expect(cyclesIn(graph)).toEqual([]);
});

test("a circle is seen", () => {
  const graph = new Map([
    ["a.ts", ["b.ts"]],
    ["b.ts", ["c.ts"]],
    ["c.ts", ["b.ts"]],
  ]);
  expect(cyclesIn(graph)).toEqual(["b.ts > c.ts > b.ts"]);
});
