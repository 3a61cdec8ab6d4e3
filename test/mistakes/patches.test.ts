import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Patch, patched } from "../patch";
import { PLANTED_BUGS } from "../simulation/planted-bugs";
import { MISTAKES } from "./all-mistakes";
import { CHECKOUT } from "./scratch-tree";

const sourceOf = (file: string): string => readFileSync(join(CHECKOUT, file), "utf8");

describe("planted mistakes", () => {
  test("are at least a dozen of the product and a dozen of the world, each named once", () => {
    const countOf = (of: string) => MISTAKES.filter((mistake) => mistake.of === of).length;
    expect(countOf("product")).toBeGreaterThanOrEqual(12);
    expect(countOf("world")).toBeGreaterThanOrEqual(12);
    expect(new Set(MISTAKES.map(({ name }) => name)).size).toBe(MISTAKES.length);
  });

  test.each(MISTAKES)("$name: the patch applies to today's sources", ({ patches }) => {
    for (const patch of patches) {
      const source = sourceOf(patch.file);
      expect(patched(source, patch)).not.toBe(source);
    }
  });

  test.each<[string, Patch]>(Object.entries(PLANTED_BUGS))(
    "of the simulation, %s: the patch applies to today's sources",
    (_, patch) => {
      const source = sourceOf(patch.file);
      expect(patched(source, patch)).not.toBe(source);
    },
  );

  test.each(MISTAKES)("$name: its test is in a file that exists", ({ caughtBy }) => {
    expect(existsSync(join(CHECKOUT, caughtBy.file))).toBe(true);
    expect(caughtBy.titles.length).toBeGreaterThan(0);
  });

  test("a patch that has nothing to replace, or more than one place, is refused", () => {
    const patch = { file: "f", search: "a", replace: "b" };
    expect(() => patched("x", patch)).toThrow(/0 times/);
    expect(() => patched("a a", patch)).toThrow(/2 times/);
  });
});
