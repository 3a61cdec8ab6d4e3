import { execFileSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROJECT = join(__dirname, "../..");
const LINK = "node_modules/.bin/shopify-secrets";
const BUILT = [
  "dist/cli/main.js",
  "dist/lambda/rotate/index.mjs",
  "dist/local/index.js",
  "dist/package/main.js",
  "dist/reader/index.mjs",
  "dist/third-party/command.txt",
];

/** A project whose `dist` is newer than its sources, and whose build would be seen. */
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "build-if-old-"));
  for (const file of ["scripts/build-if-old.ts", "scripts/command-link.ts", "infra/is-stale.ts"]) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    cpSync(join(PROJECT, file), join(project, file));
    written(file, 1_000);
  }
  writeFileSync(join(project, "package.json"), '{"scripts":{"build":"echo built"}}');
  for (const file of BUILT) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), "");
    written(file, 2_000);
  }
});

afterEach(() => {
  rmSync(project, { recursive: true });
});

/** Says when a file was written last. */
function written(file: string, atSeconds: number): void {
  utimesSync(join(project, file), atSeconds, atSeconds);
}

/** What the script prints; a build prints `built`. */
function buildIfOld(): string {
  const tsx = join(PROJECT, "node_modules/tsx/dist/cli.mjs");
  const script = join(project, "scripts/build-if-old.ts");
  return execFileSync(process.execPath, [tsx, script], { cwd: project, encoding: "utf8" });
}

test("the command's link, which npm ci takes away, comes back without a build", () => {
  expect(buildIfOld()).toBe("");
  expect(readlinkSync(join(project, LINK))).toBe("../../dist/cli/main.js");
  const provider = join(project, "node_modules/.bin/pulumi-resource-shopify-secrets");
  expect(readlinkSync(provider)).toBe("../../dist/package/main.js");
});

test("a link that leads nowhere is replaced, and a good one is left alone", () => {
  mkdirSync(dirname(join(project, LINK)), { recursive: true });
  symlinkSync("../../elsewhere/main.js", join(project, LINK));
  buildIfOld();
  expect(readlinkSync(join(project, LINK))).toBe("../../dist/cli/main.js");
  const { ino } = lstatSync(join(project, LINK));
  buildIfOld();
  expect(lstatSync(join(project, LINK)).ino).toBe(ino);
});

test("what is old is built", () => {
  written("scripts/command-link.ts", 3_000);
  expect(buildIfOld()).toBe("built\n");
});
