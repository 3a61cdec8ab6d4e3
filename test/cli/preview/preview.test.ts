import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Operator } from "../arrange";

const STORE = "shopify-secrets:index:StoreSecret$aws:secretsmanager/secret:Secret";
const folder = mkdtempSync(join(tmpdir(), "pulumi-on-path-"));
const given = join(folder, "arguments");

afterAll(() => rmSync(folder, { recursive: true }));

/** Types it where the `pulumi` on PATH is the one of this folder. */
function type(words: string, PATH = `${folder}:${process.env["PATH"]}`) {
  const operator = new Operator();
  operator.env = { PATH };
  return operator.type(words);
}

/** Makes a `pulumi` that prints this and ends with this code. */
function makePulumi(prints: string, exitCode = 0): void {
  writeFileSync(join(folder, "printed"), prints);
  const script = `#!/bin/sh\necho "$@" > '${given}'\ncat '${join(folder, "printed")}'\nexit ${exitCode}\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

function previewOf(op: string): string {
  const urn = `urn:pulumi:prod::shopify-secrets::${STORE}::heritage-secret`;
  const newState = { inputs: { name: "shopify/prod/stores/heritage/token" } };
  return JSON.stringify({ steps: [{ op, urn, newState }] });
}

test("hands its words on to pulumi preview, and says what it means", async () => {
  makePulumi(previewOf("update"));
  const { code, out } = await type("preview --stack prod --refresh");
  expect(readFileSync(given, "utf8")).toBe("preview --json --stack prod --refresh\n");
  expect(out).toContain("Changed stores:\n  heritage: details\n");
  expect(code).toBe(0);
});

test("ends with 3 when a store would lose its secret, in words and as JSON", async () => {
  makePulumi(previewOf("delete"));
  const inWords = await type("preview");
  expect(inWords.out).toContain("would lose their secret");
  const asJson = await type("preview --json");
  expect(JSON.parse(asJson.out)).toMatchObject({ lost: ["heritage (delete)"], added: [] });
  expect([inWords.code, asJson.code]).toEqual([3, 3]);
});

test.each([
  [255, 255],
  [3, 1],
])("a preview that fails with %i ends with %i, and with its errors", async (fails, ends) => {
  const diagnostics = [{ severity: "error", message: "1 problem in config" }];
  makePulumi(JSON.stringify({ diagnostics }), fails);
  const { code, err, out } = await type("preview");
  expect(err).toContain("the preview failed\n1 problem in config\n");
  expect({ code, out }).toEqual({ code: ends, out: "" });
});

test("output that is no preview is a failure, and no loss", async () => {
  makePulumi("hello");
  expect((await type("preview")).code).toBe(1);
});

test("without Pulumi it says how to get it", async () => {
  const { code, err } = await type("preview", join(folder, "nowhere"));
  expect(err).toMatch(/there is no pulumi on PATH\. Next: install Pulumi.*shopify-secrets preview/);
  expect(code).toBe(127);
});

test("its help needs no Pulumi", async () => {
  const { code, out } = await type("preview --help", join(folder, "nowhere"));
  expect(out).toContain("every other option goes to pulumi preview");
  expect(code).toBe(0);
});
