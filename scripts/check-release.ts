import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A step of a release, whether the checkout shows that it was done, and what does it. */
export interface ReleaseStep {
  readonly what: string;
  readonly isDone: boolean;
  readonly next: string;
}

const STACKS = ["every-kind", "every-option"];

/** The steps before the tag, in their order, for the version that package.json has. */
export function releaseSteps(project: string): ReleaseStep[] {
  const read = (file: string) => readFileSync(join(project, file), "utf8");
  const versionIn = (file: string) => (JSON.parse(read(file)) as { version?: string }).version;
  const version = versionIn("package.json") ?? "";
  const [unreleased = "", ...releases] = read("CHANGELOG.md").split(/^## /m).slice(1);
  const last = releases.map((text) => /^\d+\.\d+\.\d+/.exec(text)?.[0]);
  const baseline = join("test/infra/package", `schema-${version}.json`);
  return [
    {
      what: `the lockfile and the schema say ${version}, as package.json does`,
      isDone: [versionIn("package-lock.json"), versionIn("infra/package/schema.json")].every(
        (one) => one === version,
      ),
      next: "npm install --package-lock-only, npm run build:schema",
    },
    {
      what: `CHANGELOG.md has ${version} first, and nothing under Unreleased`,
      isDone: last[0] === version && /^Unreleased\s*$/.test(unreleased),
      next: `put what stands under Unreleased under ## ${version}`,
    },
    {
      what: `the stacks of ${version} are recorded`,
      isDone: isRecorded(project, version),
      next: `npm run build && npx tsx test/recorded/record.ts test/recorded/v${version}, and v${version} in test/recorded/recorded-stack.ts`,
    },
    {
      what: `the next version is held against the schema of ${version}`,
      isDone:
        existsSync(join(project, baseline)) && read(baseline) === read("infra/package/schema.json"),
      next: `cp infra/package/schema.json ${baseline}, in the place of the one before in schema.test.ts`,
    },
  ];
}

function isRecorded(project: string, version: string): boolean {
  const folder = join(project, "test/recorded", `v${version}`);
  return existsSync(folder) && STACKS.every((stack) => readdirSync(folder).includes(stack));
}

function main(): void {
  const steps = releaseSteps(resolve(__dirname, ".."));
  for (const { what, isDone, next } of steps) {
    process.stdout.write(isDone ? `ok    ${what}\n` : `to do ${what}\n      ${next}\n`);
  }
  if (steps.some(({ isDone }) => !isDone)) process.exitCode = 1;
  else process.stdout.write(`${TAG}\n`);
}

const TAG = "      npm test, npm run package, then the tag: CONTRIBUTING.md, A release";

if (require.main === module) main();
