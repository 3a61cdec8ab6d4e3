import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const { projects } = require("../../jest.config.js") as {
  projects: readonly {
    readonly transform: object;
    readonly setupFilesAfterEnv: readonly string[];
  }[];
};

const SUITE = `
test("is silent", () => undefined);
test("warns", () => process.emitWarning("quoted: a secret"));
test("makes Node warn", () => {
  const emitter = new (require("node:events"))().setMaxListeners(1);
  emitter.on("x", () => 0).on("x", () => 0);
});
`;

test("a warning of the process fails the test that caused it, and no other", () => {
  const folder = mkdtempSync(join(tmpdir(), "warns-"));
  try {
    writeFileSync(join(folder, "warns.test.js"), SUITE);
    const report = join(folder, "report.json");
    const { transform } = projects[0] ?? {};
    const config = {
      rootDir: folder,
      transform: absolute(transform),
      setupFilesAfterEnv: [join(ROOT, "test/no-warnings.ts")],
    };
    const jest = join(ROOT, "node_modules/jest/bin/jest.js");
    const options = ["--config", JSON.stringify(config), "--json", `--outputFile=${report}`];
    spawnSync(process.execPath, [jest, ...options], { cwd: ROOT });
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as {
      testResults: { assertionResults: { title: string; status: string }[] }[];
    };
    const ends = testResults[0]?.assertionResults.map(({ title, status }) => [title, status]);
    expect(ends).toEqual([
      ["is silent", "passed"],
      ["warns", "failed"],
      ["makes Node warn", "failed"],
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every project of jest watches for them", () => {
  for (const { setupFilesAfterEnv } of projects) {
    expect(setupFilesAfterEnv).toContain("<rootDir>/test/no-warnings.ts");
  }
});

/** Transformers by their paths: the folder of the suite has no node_modules. */
function absolute(transform: object | undefined): object {
  return Object.fromEntries(
    Object.entries(transform ?? {}).map(([pattern, [name, options]]) => [
      pattern,
      [require.resolve(name), options],
    ]),
  );
}
