import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { ROOT, sourcesOf } from "./sources";

const PRODUCT = ["contract", "infra", "lambda", "cli", "reader"];

/** Names that mean the same wherever they stand, each with what that is. */
const SAME_MEANING: Readonly<Record<string, string>> = {
  handler: "what Lambda calls, once in each function",
  dispatch: "what answers a request of a function by its action or route",
  boundaryPolicy: "the policy, and the command that prints it",
  rotate: "a store is rotated, by the function or by the command that asks for it",
  migrate:
    "a token without an end becomes a pair, by the function or by the command that asks for it",
};

const EXPORTED =
  /^export (?:default )?(?:abstract )?(?:async )?(?:function\*?|const|class|interface|type|enum) ([A-Za-z_$][\w$]*)/gm;

/** The names that a source declares and exports; an overload is no second one. */
function exportsOf(source: string): Set<string> {
  return new Set([...source.matchAll(EXPORTED)].map(([, name = ""]) => name));
}

function homonymsIn(sources: ReadonlyMap<string, string>): string[] {
  const files = new Map<string, string[]>();
  for (const [file, source] of sources) {
    for (const name of exportsOf(source)) files.set(name, [...(files.get(name) ?? []), file]);
  }
  return [...files]
    .filter(([name, places]) => places.length > 1 && !(name in SAME_MEANING))
    .map(([name, places]) => `${name}: ${places.join(", ")}`);
}

describe("a name that the product exports", () => {
  test("means one thing: no other file declares it too", () => {
    const files = PRODUCT.flatMap(sourcesOf).map((file) => relative(ROOT, file));
    expect(files.length).toBeGreaterThan(300);
    const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
    expect(homonymsIn(sources)).toEqual([]);
  });

  test("that two files declare is found, whatever they make of it", () => {
    const sources = new Map([
      ["a.ts", "export interface Deed {}\n"],
      ["b.ts", "export type Deed = string;\nexport const other = 1;\n"],
    ]);
    expect(homonymsIn(sources)).toEqual(["Deed: a.ts, b.ts"]);
  });
});
