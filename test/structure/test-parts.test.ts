import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PARTS, tableOf } from "../../scripts/test-parts";

const ROOT = join(__dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Readonly<Record<string, string>>;
};
const { projects } = require("../../jest.config.js") as {
  projects: readonly { readonly displayName: string }[];
};

/** A script with everything that it runs by `npm run`. */
function wholeOf(script: string): string {
  const text = scripts[script] ?? "";
  const called = [...text.matchAll(/npm run --silent ([\w:-]+)/g)].map(([, name = ""]) => name);
  return [text, ...called.map(wholeOf)].join(" && ");
}

function testsOf(project: string): string[] {
  const jest = join(ROOT, "node_modules/jest/bin/jest.js");
  const list = [jest, "--selectProjects", project, "--listTests"];
  const printed = execFileSync(process.execPath, list, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: "pipe",
  });
  return printed.split("\n").filter((line) => line.endsWith(".test.ts"));
}

describe("what npm test runs", () => {
  test("every part is a script", () => {
    expect(PARTS.map(({ script }) => script).filter((name) => !(name in scripts))).toEqual([]);
  });

  test("every project of jest is in one part", () => {
    const whole = PARTS.map(({ script }) => wholeOf(script));
    const runs = projects.map(
      ({ displayName }) =>
        whole.filter((text) => text.includes(`--selectProjects ${displayName} `)).length,
    );
    expect(runs).toEqual(projects.map(() => 1));
  });

  test("every test file is in one project of jest", () => {
    const listed = projects.flatMap(({ displayName }) => testsOf(displayName));
    const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"))
      .map((name) => join(ROOT, "test", name));
    expect(listed.toSorted()).toEqual(files.toSorted());
  });

  test("the table says how long each took, and what was not run", () => {
    const parts = [
      { name: "check", script: "check", minutes: 3.14, exitCode: 0 },
      { name: "world", script: "test:world", minutes: 0.96, exitCode: 1 },
      { name: "end to end", script: "test:e2e", minutes: undefined, exitCode: 0 },
    ];
    expect(tableOf(parts).split("\n")).toEqual([
      "part        minutes",
      "check           3.1  passed",
      "world           1.0  failed",
      "end to end        -  not run",
      "together        4.1",
    ]);
  });
});
