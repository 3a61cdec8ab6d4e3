import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { releaseSteps } from "../../scripts/check-release";
import { PROJECT } from "../docs/code-blocks";
import { RECORD_OF, recordedStack, STACKS } from "../recorded/recorded-stack";

const changelog = readFileSync(join(PROJECT, "CHANGELOG.md"), "utf8");
const released = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(
  ([, version = ""]) => version,
);

test.each(released)(
  "the stacks of %s are recorded, and so brought up under every later version",
  (version) => {
    const record = RECORD_OF[version];
    expect(record).toBeDefined();
    for (const stack of STACKS) {
      expect(recordedStack(record ?? "", stack).secrets.length).toBeGreaterThan(0);
    }
  },
);

describe("a release", () => {
  const NEXT = "9.8.7";
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "release-"));
    for (const file of ["package.json", "package-lock.json", "CHANGELOG.md"]) {
      cpSync(join(PROJECT, file), join(folder, file));
    }
    for (const part of ["infra/package", "test/infra/package"]) {
      cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
    }
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const rewrite = (file: string, change: (text: string) => string) =>
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file), "utf8")));
  const withVersion = (text: string) => text.replace(/"version": "[^"]+"/, `"version": "${NEXT}"`);
  const left = () => releaseSteps(folder).flatMap(({ isDone, what }) => (isDone ? [] : [what]));

  /** The steps, as a person takes them. */
  const STEPS: readonly (readonly [string, () => void])[] = [
    [
      `the lockfile and the schema say ${NEXT}, as package.json does`,
      () => {
        rewrite("package-lock.json", withVersion);
        rewrite("infra/package/schema.json", withVersion);
      },
    ],
    [
      `CHANGELOG.md has ${NEXT} first, and nothing under Unreleased`,
      () =>
        rewrite("CHANGELOG.md", (text) =>
          text.replace("## Unreleased\n", `## Unreleased\n\n## ${NEXT}\n`),
        ),
    ],
    [
      `the stacks of ${NEXT} are recorded`,
      () => {
        for (const stack of STACKS) {
          mkdirSync(join(folder, "test/recorded", `v${NEXT}`, stack), { recursive: true });
        }
      },
    ],
    [
      `the next version is held against the schema of ${NEXT}`,
      () =>
        cpSync(
          join(folder, "infra/package/schema.json"),
          join(folder, "test/infra/package", `schema-${NEXT}.json`),
        ),
    ],
  ];

  test("is told step by step, until nothing is left before the tag", () => {
    rewrite("package.json", withVersion);
    const names = STEPS.map(([what]) => what);
    expect(left()).toEqual(names);
    for (const [index, [, take]] of STEPS.entries()) {
      take();
      expect(left()).toEqual(names.slice(index + 1));
    }
  });

  test("says of each step what does it", () => {
    for (const { next } of releaseSteps(folder)) expect(next).toMatch(/^(?:npm|put|cp) /);
  });
});
