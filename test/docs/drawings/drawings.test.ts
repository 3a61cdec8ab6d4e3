import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drawingHash } from "../../../scripts/site/drawings";
import { blocksOf, documents, PROJECT } from "../code-blocks";
import { DRAWINGS, namesIn, PAGES, redrawn } from "./pages";

const drawn = documents()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "mermaid");

test.each(PAGES)("%s shows its drawings as the real thing gives them", async (page) => {
  const { before, after, names } = await redrawn(page);
  expect(names.length).toBeGreaterThan(0);
  expect(after).toBe(before); // npm run drawings
});

test("every drawing stands somewhere, and none stands there that nobody makes", () => {
  const names = PAGES.flatMap(namesIn);
  expect(new Set(names)).toEqual(new Set(Object.keys(DRAWINGS)));
  expect(drawn).toHaveLength(names.length);
});

/** The hashes of the drawings that Mermaid's own parser took; it is 200 MB, and comes with scripts/site alone. */
test("Mermaid's parser has read each drawing as it stands: npm run docs:site", () => {
  const parsed = readFileSync(join(PROJECT, "scripts/site/drawings.json"), "utf8");
  const hashes = drawn.map(({ code }) => drawingHash(code));
  expect(JSON.parse(parsed)).toEqual([...new Set(hashes)].sort());
});

test("a drawing is the same whenever it is made", async () => {
  for (const name of ["rotation", "pair", "overlap"]) {
    expect(await DRAWINGS[name]?.()).toBe(await DRAWINGS[name]?.());
  }
});
