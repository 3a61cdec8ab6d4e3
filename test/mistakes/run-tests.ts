import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { NamedTest } from "./mistake";

/** What became of a test; `absent`: there is none of these titles, or its file could not be loaded. */
export type Outcome = "passed" | "failed" | "absent";

/** The longest that one run of jest may take, and one test in it: a mistake may hang. */
const LONGEST_RUN_MS = 240_000;
const LONGEST_TEST_MS = 180_000;

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Runs these tests in a folder, and no others; gives the outcome of each, in their order. */
export async function runTests(folder: string, tests: readonly NamedTest[]): Promise<Outcome[]> {
  const reportPath = join(folder, "jest-report.json");
  rmSync(reportPath, { force: true });
  await runJest(folder, argumentsFor(tests, reportPath));
  const report = readReport(reportPath);
  return tests.map((test) => outcomeOf(report, folder, test));
}

function runJest(folder: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const jest = spawn(process.execPath, args, {
      cwd: folder,
      stdio: "ignore",
      timeout: LONGEST_RUN_MS,
      env: { ...process.env, CI: "1" },
    });
    const end = () => void jest.kill();
    process.once("exit", end);
    jest.once("error", reject);
    jest.once("exit", () => {
      process.removeListener("exit", end);
      resolve();
    });
  });
}

function argumentsFor(tests: readonly NamedTest[], reportPath: string): string[] {
  const names = tests.map(({ titles }) => escaped(titles.join(" ")));
  return [
    "node_modules/jest/bin/jest.js",
    "--runTestsByPath",
    ...new Set(tests.map(({ file }) => file)),
    "--testNamePattern",
    `^(${names.join("|")})$`,
    "--json",
    `--outputFile=${reportPath}`,
    `--testTimeout=${LONGEST_TEST_MS}`,
    "--runInBand",
  ];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A run that was ended before its report has none. */
function readReport(path: string): JestReport {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as JestReport;
  } catch {
    return { testResults: [] };
  }
}

function outcomeOf(report: JestReport, folder: string, { file, titles }: NamedTest): Outcome {
  const found = report.testResults
    .filter(({ name }) => name === join(folder, file))
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ ancestorTitles, title }) => [...ancestorTitles, title].join() === titles.join());
  if (found?.status === "passed" || found?.status === "failed") return found.status;
  return "absent";
}
