import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT, sourcesOf } from "./sources";

const PAGE = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
const FOLDERS = ["contract", "infra", "lambda", "reader", "cli", "smoke", "local", "bench", "test"];

/** What the page names in backquotes and writes as a source file or a folder. */
const NAMED = [...PAGE.matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map(([, name]) => name ?? "");

describe("the page of the architecture", () => {
  test("names files and folders that exist", () => {
    const files = new Set(FOLDERS.flatMap(sourcesOf).map((file) => basename(file)));
    const isThere = (name: string): boolean =>
      // In a table, what stands in the same folder is named by its last words.
      name.includes("/") && !name.endsWith("/")
        ? files.has(basename(name)) && FOLDERS_OF(name).some((path) => existsSync(join(ROOT, path)))
        : files.has(name) || FOLDERS_OF(name).some((path) => existsSync(join(ROOT, path)));
    expect(NAMED.length).toBeGreaterThan(40);
    expect(NAMED.filter((name) => !isThere(name))).toEqual([]);
  });

  /** What a stranger asks first, and the file to which the page sends them. */
  test.each([
    ["Where is a token promoted?", "lambda/engine/promote.ts"],
    ["Where is the schedule arithmetic?", "contract/schedule.ts"],
    ["decides what a store's state is?", "contract/store/condition.ts"],
    ["| an error code |", "contract/errors.ts"],
    ["| a kind of store |", "contract/kinds.ts"],
    ["| a resource type |", "infra/components"],
  ])("answers in one hop: %s", (question, file) => {
    const line = PAGE.split(/\n(?=\|)|\n\n|(?<=\.) (?=Where|Who)/).find((part) =>
      part.replace(/\s+/g, " ").includes(question),
    );
    expect(line).toContain(`\`${file}\``);
    expect(existsSync(join(ROOT, file))).toBe(true);
  });
});

/** Where a name may stand: from the project's folder, or in a folder of the functions. */
function FOLDERS_OF(name: string): string[] {
  return ["", "lambda", "contract", "infra", "test"].map((folder) => join(folder, name));
}
