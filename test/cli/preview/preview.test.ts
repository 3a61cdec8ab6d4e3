import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreKey } from "../../../contract/brands";
import { Operator } from "../arrange";

const STORE = "shopify-secrets:index:StoreSecret$aws:secretsmanager/secret:Secret";
const folder = mkdtempSync(join(tmpdir(), "pulumi-on-path-"));
const given = join(folder, "arguments");

afterAll(() => rmSync(folder, { recursive: true }));

const LIST_URN =
  "urn:pulumi:prod::shopify-secrets::shopify-secrets:index:ListMachine$aws:s3/bucketObjectv2:BucketObjectv2::apply-list";

/** A preview that uploads a list. */
function previewOfList(file: string): string {
  const source = { "4dabf18193072939515e22adb298388d": "asset", path: file, hash: "x" };
  const newState = { inputs: { key: "list.jsonl", source } };
  return JSON.stringify({ steps: [{ op: "create", urn: LIST_URN, newState }] });
}

/** Types it where the `pulumi` on PATH is the one of this folder. */
function type(words: string, PATH = `${folder}:${process.env["PATH"]}`) {
  const operator = new Operator();
  operator.env = { PATH };
  return operator.type(words);
}

/** Makes a `pulumi` that prints this, or more where all resources are asked for, and ends with this code. */
function makePulumi(prints: string, exitCode = 0, withSames = prints): void {
  const [some, all] = [join(folder, "some"), join(folder, "all")];
  writeFileSync(some, prints);
  writeFileSync(all, withSames);
  const choice = `case "$*" in *--show-sames*) cat '${all}' ;; *) cat '${some}' ;; esac`;
  const script = `#!/bin/sh\necho "$@" > '${given}'\n${choice}\nexit ${exitCode}\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o755 });
}

function previewOf(...ops: string[]): string {
  const urn = `urn:pulumi:prod::shopify-secrets::${STORE}::heritage-secret`;
  const newState = { inputs: { name: "shopify/prod/stores/heritage/token" } };
  return JSON.stringify({ steps: ops.map((op) => ({ op, urn, newState })) });
}

test("hands its words on to pulumi preview, and says what it means", async () => {
  makePulumi(previewOf("update"));
  const { code, out } = await type("preview --stack prod --refresh");
  expect(readFileSync(given, "utf8")).toBe("preview --json --show-sames --stack prod --refresh\n");
  expect(out).toContain("Changed stores:\n  heritage: details\n");
  expect(code).toBe(0);
});

// `pulumi preview --help`: "--show-sames  Show resources that needn't be updated"; without it the JSON leaves them out.
test("the cost counts what stays, which Pulumi lists only when it is asked to", async () => {
  makePulumi(previewOf("delete"), 0, previewOf("same", "delete"));
  expect((await type("preview")).out).toContain("A month: $0.80 now, $0.40 after");
});

test.each(["--json", "--json=true", "-j"])(
  "%s, as Pulumi takes it, asks for JSON",
  async (word) => {
    makePulumi(previewOf("create"));
    const { out } = await type(`preview ${word} --stack prod`);
    expect(JSON.parse(out)).toMatchObject({ added: ["heritage"], cost: { now: 0, after: 0.4 } });
    expect(readFileSync(given, "utf8")).toBe("preview --json --show-sames --stack prod\n");
  },
);

test("a preview that fails is told as JSON where JSON is asked for", async () => {
  makePulumi(JSON.stringify({ diagnostics: [{ severity: "error", message: "no stack" }] }), 255);
  const { out, err } = await type("preview --json");
  expect(err).toContain("no stack");
  expect(JSON.parse(out)).toEqual({
    error: {
      code: null,
      says: "the preview failed: no stack",
      next: expect.any(String),
      exit_code: 255,
    },
  });
});

test("a config that is too long for a program is told with the way on", async () => {
  const message = "could not run language executor: fork/exec node: argument list too long";
  makePulumi(JSON.stringify({ diagnostics: [{ severity: "error", message }] }), 255);
  const next = expect.stringContaining("pulumi config set shopify-secrets:storesFile stores.yaml");
  expect((await type("preview")).err).toEqual(next);
  expect(JSON.parse((await type("preview --json")).out).error.next).toEqual(next);
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

test("with a list it says what apply would do, and ends with 3 where that is refused", async () => {
  const operator = new Operator();
  operator.env = { PATH: `${folder}:${process.env["PATH"]}` };
  operator.listRuns.addStore({
    store: "one" as StoreKey,
    declaration:
      '{"v":1,"kind":"custom-app","shop":"one.myshopify.com","scopes":"","api":"2026-10"}',
    rotationHours: undefined,
    clientId: undefined,
  });
  operator.input = await operator.listRuns.readList();
  makePulumi(previewOfList(".shopify-secrets/prod.jsonl"));
  const { code, out } = await operator.type("preview --cwd deploy");
  expect(out).toContain("The list, once it is applied:\nNew stores: 1\n  one\n");
  expect(code).toBe(0);
  const asJson = await operator.type("preview --json");
  expect(JSON.parse(asJson.out)).toMatchObject({ list: { create: ["one"], refused: null } });

  for (const store of ["two", "three"]) {
    await operator.model.handle("CreateSecret", {
      Name: `shopify/prod/stores/${store}/token`,
      ClientRequestToken: operator.model.newToken(),
      Tags: [{ Key: "shopify-origin", Value: "listed" }],
    });
  }
  const refused = await operator.type("preview --json");
  expect(JSON.parse(refused.out)).toMatchObject({ list: { refused: { retired: 2, at_most: 10 } } });
  expect(refused.code).toBe(3);
  const refusedText = await operator.type("preview");
  expect(refusedText.out).toMatch(
    /retirement_refused: .*: 2 of 2 stores, and it may retire 10 percent\. Next: .*: shopify-secrets apply --retire-at-most 100$/m,
  );

  operator.input = "spoilt";
  const untold = await operator.type("preview");
  expect(untold.err).toContain("what the list would change cannot be told");
  expect(untold.code).toBe(0);
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

test.each([0, 255])(
  "what the program warns of is shown where the preview ends with %i",
  async (exitCode) => {
    const says =
      "stores.jsonl names no store: shopify-secrets apply would retire every store of the list";
    const diagnostics = [
      { severity: "warning", message: `${says}\n` },
      { severity: "warning", message: `${says}\n`, urn: "urn:pulumi:prod::shopify-secrets::x::y" },
      { severity: "info", message: "nothing of note" },
      { severity: "info#err", message: "what a library printed" },
    ];
    makePulumi(JSON.stringify({ ...JSON.parse(previewOf("update")), diagnostics }), exitCode);
    const inWords = await type("preview");
    expect(inWords.err.split(`warning: ${says}\n`)).toHaveLength(2);
    expect(inWords.err).not.toMatch(/nothing of note|a library/);
    const asJson = await type("preview --json");
    expect(asJson.err).toContain(`warning: ${says}\n`);
    if (exitCode === 0) expect(JSON.parse(asJson.out)).toMatchObject({ warnings: [says] });
  },
);
