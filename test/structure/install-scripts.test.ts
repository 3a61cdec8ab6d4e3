import { readFileSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(__dirname, "../..");
const read = (file: string) => readFileSync(join(PROJECT, file), "utf8");

describe("installing runs no script", () => {
  test("the project's own settings say so, for every npm", () => {
    expect(read(".npmrc").split("\n")).toContain("ignore-scripts=true");
  });

  test("none of ours waits for being run by itself", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const byItself = Object.keys(scripts).filter(
      (name) =>
        ["install", "prepare", "prepack", "prepublishOnly"].includes(name) ||
        Object.keys(scripts).some((other) => name === `pre${other}` || name === `post${other}`),
    );
    expect(byItself).toEqual([]);
  });

  test("the packages that have one stand in docs/dependencies.md, with why it is not needed", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const having = Object.entries(packages)
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([folder]) => folder.split("node_modules/").at(-1));
    const [, section = ""] =
      /^## Install scripts\n([^#]*)/m.exec(read("docs/dependencies.md")) ?? [];
    const documented = [...section.matchAll(/^- `([^`]+)`: \S/gm)].map(([, name]) => name);
    expect(documented).toEqual([...new Set(having)].sort());
  });
});
