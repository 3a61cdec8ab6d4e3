import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, mapOf } from "../../scripts/build-bundles";
import { readFrames } from "../../scripts/read-frames";

const LOG = join(__dirname, "../../lambda/log");
const SOURCE = `
import { fieldsOfError } from "${LOG}";

interface Nobody { readonly name: { readonly length: number } }

export function reach(nobody: Nobody | undefined): number {
  return nobody!.name.length;
}

try {
  reach(JSON.parse('{"shpat": 1}') as Nobody);
} catch (error) {
  console.log(JSON.stringify(fieldsOfError(error)));
}
`;

const folder = mkdtempSync(join(tmpdir(), "frames-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what a function did not foresee is found in the sources by its log line and the map beside its bundle", async () => {
  const source = join(folder, "source.ts");
  writeFileSync(source, SOURCE);
  const built = join(folder, "built");
  await bundle(source, built);
  // What is in the folder goes to Lambda; the map does not, and holds no source.
  expect(readdirSync(built)).toEqual(["index.mjs"]);
  expect(existsSync(mapOf(built))).toBe(true);
  expect(readFileSync(mapOf(built), "utf8")).not.toContain("as Nobody");
  const line = execFileSync(process.execPath, [join(built, "index.mjs")], { encoding: "utf8" });
  const { thrown, at } = JSON.parse(line) as { thrown: string; at: string };
  expect(thrown).toBe("TypeError");
  expect(line).not.toContain("undefined");
  expect(at).toMatch(/^index\.mjs:\d+:\d+ < index\.mjs:\d+:\d+$/);
  const [first = "", second = ""] = readFrames(mapOf(built), at);
  expect(first).toMatch(/source\.ts:7:\d+$/);
  expect(second).toMatch(/source\.ts:11:\d+$/);
});
