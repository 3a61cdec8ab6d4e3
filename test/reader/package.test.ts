import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { buildReader } from "../../scripts/build-reader";

// Builds the package as an application gets it, and uses it as an application does: from a folder of its own.
const PROJECT = join(__dirname, "../..");
const APP = join(PROJECT, "node_modules/.cache/reader-package");
const PACKAGE = join(APP, "node_modules/shopify-secrets");

let imports: string[];

beforeAll(async () => {
  rmSync(APP, { recursive: true, force: true });
  imports = await buildReader(PACKAGE);
  write("package.json", '{"name":"an-application"}'); // a package of its own: ours must not answer for itself
}, 60_000);

function write(file: string, text: string): string {
  const path = join(APP, file);
  mkdirSync(APP, { recursive: true });
  writeFileSync(path, text);
  return path;
}

const run = (file: string) => execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();

const USE = `
  const reader = createTokenReader({ region: "us-east-1" });
  const storage = createSessionStorage({ reader, Session: class {} });
  Promise.allSettled([reader.token("no store!"), storage.deleteSession("x")]).then((outcomes) => {
    reader.close();
    console.log(outcomes.map(({ reason }) => [reason.code, reason instanceof ReaderError]).flat().join());
  });
`;

test("the bundles import the AWS client and Node's own modules, nothing else", () => {
  const foreign = imports.filter((name) => !/^(node:|\.\/index\.[cm]js$)/.test(name));
  expect(foreign).toEqual(["@aws-sdk/client-secrets-manager"]);
});

test("the dependency tree holds the AWS client as a peer, and no Pulumi", () => {
  const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as object;
  expect(manifest).toMatchObject({
    name: "shopify-secrets",
    sideEffects: false,
    peerDependencies: { "@aws-sdk/client-secrets-manager": expect.any(String) },
  });
  expect(manifest).not.toHaveProperty("dependencies");
});

test("a CommonJS application requires it", () => {
  const file = write(
    "app.cjs",
    `const { createTokenReader, ReaderError } = require("shopify-secrets/reader");
     const { createSessionStorage } = require("shopify-secrets/session-storage");${USE}`,
  );
  expect(run(file)).toBe("store_unknown,true,not_managed,true");
});

test("an ESM application imports it", () => {
  const file = write(
    "app.mjs",
    `import { createTokenReader, ReaderError } from "shopify-secrets/reader";
     import { createSessionStorage } from "shopify-secrets/session-storage";${USE}`,
  );
  expect(run(file)).toBe("store_unknown,true,not_managed,true");
});

const TYPED = `
  import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
  import { createTokenFetch, createTokenReader, type StoreToken } from "shopify-secrets/reader";
  import { createSessionStorage } from "shopify-secrets/session-storage";
  export const reader = createTokenReader({ client: new SecretsManagerClient({}), prefix: "p" });
  export const text: Promise<string> = reader.token("acme").then((it: StoreToken) => it.accessToken.unseal());
  class Session { constructor(readonly params: { id: string; accessToken: string; expires?: Date }) {} }
  export const found: Promise<Session[]> = createSessionStorage({ reader, Session }).findSessionsByShop("");
  export const tokenFetch: typeof fetch = createTokenFetch(reader);
  // @ts-expect-error a client and a region exclude each other
  createTokenReader({ client: new SecretsManagerClient({}), region: "us-east-1" });
  // @ts-expect-error a token is sealed
  export const open: Promise<string> = reader.token("acme").then((it) => it.accessToken);
`;

test.each([
  [["app.cts", "app.mts"], ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
  [["app.ts"], ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
])(
  "%p get types, strict and checked themselves",
  (files, module, moduleResolution) => {
    const roots = files.map((file) => write(file, TYPED));
    const program = ts.createProgram(roots, {
      module,
      moduleResolution,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts"],
      types: ["node"],
      typeRoots: [join(PROJECT, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    });
    const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(APP));
    const problems = ours
      .flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ])
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(problems).toEqual([]);
    expect(ours.length).toBeGreaterThan(20);
  },
  60_000,
);
