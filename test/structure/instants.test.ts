import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(__dirname, "../..");

/** Files that may look at the machine's clock, and why it is not the time of a world. */
const MACHINE_TIME: Readonly<Record<string, string>> = {
  "test/e2e/aws/roles-and-functions.test.ts":
    "the source of a function, which runs on the world's clock",
  "test/e2e/aws/aws-world.ts": "a world's time is the machine's, moved to the instant",
  "test/e2e/aws/signed-call.ts": "the source of a function, which runs on the world's clock",
  "test/local/smoke-signing.test.ts": "a smoke run is a person's, at the machine's own time",
  "test/local/toolchain/fake-machine.ts": "the age of a lock's file, which the file system tells",
  "test/local/toolchain/lock.test.ts": "the age of a lock's file, which the file system tells",
  "test/local/shopify/shopify-api-grants.test.ts":
    "Shopify's library reads it; the test lets it stand",
  "test/reader/session-storage.test.ts": "Shopify's library reads it; the test lets it stand",
};

describe("every world of the tests begins at an instant that its test names", () => {
  test("whole worlds are started in one place, which asks for the instant", () => {
    expect(filesWith(/\bstartWorld\(/)).toEqual(["test/e2e/begin-world.ts"]);
  });

  test("no test takes the machine's time for a world's", () => {
    expect(filesWith(/\bDate\.now\b|\bnew Date\(\)|\bsystemClock\b/)).toEqual(
      Object.keys(MACHINE_TIME).sort(),
    );
  });
});

/** The files of the tests, by their path from the project's folder, that say such a thing. */
function filesWith(pattern: RegExp): string[] {
  return readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("node_modules"))
    .map((name) => join(ROOT, "test", name))
    .filter((file) => pattern.test(readFileSync(file, "utf8")))
    .map((file) => relative(ROOT, file))
    .sort();
}
