import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { blocksOf, PROJECT } from "./code-blocks";

const PAGE = "docs/languages.md";
const shown = (language: string) =>
  blocksOf(PAGE)
    .filter((block) => block.language === language)
    .map(({ code }) => code);
const example = (file: string) => readFileSync(join(PROJECT, "examples", file), "utf8");

// test/e2e/languages runs the examples, or holds them against their SDK: what the page shows was tried.
test.each([
  ["yaml", "yaml/Pulumi.yaml"],
  ["python", "python/__main__.py"],
  ["go", "go/main.go"],
])("the page shows the program in %s as it stands there", (language, file) => {
  expect(shown(language)).toEqual([example(file).trimEnd()]);
});

test.each(["yaml", "python", "go"])(
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
