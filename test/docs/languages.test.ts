import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { blocksOf, PROJECT } from "./code-blocks";

const PAGE = "docs/languages.md";
const shown = (language: string) =>
  blocksOf(PAGE)
    .filter((block) => block.language === language)
    .map(({ code }) => `${code}\n`);
const example = (file: string) => readFileSync(join(PROJECT, "examples", file), "utf8");

// test/e2e/languages runs them all: what the page shows was tried.
test.each([
  ["yaml", ["python/Pulumi.yaml", "yaml/Pulumi.yaml", "yaml-parts/Pulumi.yaml"]],
  ["python", ["python/__main__.py"]],
  ["go", ["go/main.go"]],
])("the page shows what is in %s as it stands in the examples", (language, files) => {
  expect(shown(language)).toEqual(files.map(example));
});

test("the page's requirements are the example's", () => {
  expect(shown("text")[0]).toBe(example("python/requirements.txt"));
});

test.each(["yaml", "yaml-parts", "python", "go"])(
  "the example in %s leaves the status tags alone",
  (language) => {
    const project = parse(example(`${language}/Pulumi.yaml`)) as {
      readonly config: Readonly<Record<string, unknown>>;
    };
    expect(project.config["aws:ignoreTags"]).toEqual({
      value: { keyPrefixes: ["shopify-secrets:"] },
    });
  },
);
