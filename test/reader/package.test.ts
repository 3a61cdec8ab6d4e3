import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import ts from "typescript";
import { Application, type Manifest, PROJECT, packWhole } from "./installed-package";

// The package as an application gets it, used as an application uses it: from a folder outside of the checkout, in which
// nothing of ours can be found by accident. It comes in two ways: whole, or the reader alone (dist/reader).

let folder: string;
let imports: string[];
let apps: Readonly<Record<Way, Application>>;

const WAYS = ["the whole package", "the reader alone"] as const;
type Way = (typeof WAYS)[number];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "a-package-"));
  const packed = await packWhole(folder);
  imports = packed.imports;
  apps = {
    "the whole package": Application.with(packed.whole),
    "the reader alone": Application.with(join(packed.whole, "dist/reader")),
  };
});

afterAll(() => {
  for (const app of Object.values(apps ?? {})) app.remove();
  rmSync(folder, { recursive: true, force: true });
});

test("the bundles import the AWS client and Node's own modules, nothing else", () => {
  const foreign = imports.filter((name) => !/^(node:|\.\/index\.[cm]js$)/.test(name));
  expect(foreign).toEqual(["@aws-sdk/client-secrets-manager"]);
});

describe("what comes with it", () => {
  test("the reader alone brings the AWS client as a peer, and nothing else", () => {
    const manifest = apps["the reader alone"].manifest();
    expect(manifest).toMatchObject({ name: "shopify-secrets", sideEffects: false });
    expect(manifest).not.toHaveProperty("dependencies");
    // The first release of the client that knows BatchGetSecretValue.
    expect(manifest.peerDependencies).toEqual({ "@aws-sdk/client-secrets-manager": "^3.458.0" });
  });

  test("the whole package brings the AWS client as a peer and two packages without dependencies, and no Pulumi", () => {
    const tree = treeOf(apps["the whole package"].manifest());
    expect([...tree].filter((name) => !/^@(aws|aws-sdk|smithy)\//.test(name)).sort()).toEqual([
      "bowser", // the AWS client's own
      "tslib", // the AWS client's own
      "valibot",
      "yaml",
    ]);
    expect(tree).toContain("@aws-sdk/client-secrets-manager");
    const [whole, alone] = WAYS.map((way) => apps[way].manifest().peerDependencies ?? {});
    expect(whole).toMatchObject(alone ?? {});
  });

  test("a Pulumi program brings its own Pulumi, in the major versions that the checkout is tested with", () => {
    const { peerDependencies = {}, peerDependenciesMeta } = apps["the whole package"].manifest();
    const optional = { optional: true };
    expect(peerDependenciesMeta).toEqual({ "@pulumi/aws": optional, "@pulumi/pulumi": optional });
    const { devDependencies } = readJson<{ devDependencies: Record<string, string> }>(
      "package.json",
    );
    for (const [name, range] of Object.entries(peerDependencies)) {
      const major = /^\^(\d+)\.\d+\.\d+$/.exec(range)?.[1];
      expect([name, devDependencies[name]?.split(".")[0]]).toEqual([name, major]);
    }
  });
});

test("the version of TypeScript's oldest resolution finds the declarations that the others find", () => {
  for (const way of WAYS) {
    const app = apps[way];
    const { typesVersions = {} } = app.manifest();
    expect(Object.keys(typesVersions["*"] ?? {})).toEqual(["reader", "session-storage", "testing"]);
    for (const [file = ""] of Object.values(typesVersions["*"] ?? {})) {
      expect(existsSync(join(app.package, file))).toBe(true);
    }
  }
});

const USE = `
  const reader = createTokenReader({ region: "us-east-1" });
  const storage = createSessionStorage({ reader, Session: class {} });
  Promise.allSettled([reader.token("no store!"), storage.deleteSession("x")]).then((outcomes) => {
    reader.close();
    console.log(outcomes.map(({ reason }) => [reason.code, reason instanceof ReaderError]).flat().join());
  });
`;

const TYPED = `
  import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
  import { createTokenFetch, createTokenReader, type StoreToken } from "shopify-secrets/reader";
  import { createSessionStorage } from "shopify-secrets/session-storage";
  import { createTestTokens } from "shopify-secrets/testing";
  export const reader = createTokenReader({ client: new SecretsManagerClient({}), prefix: "p" });
  export const text: Promise<string> = reader.token("acme").then((it: StoreToken) => it.accessToken.unseal());
  class Session { constructor(readonly params: { id: string; accessToken: string; expires?: Date }) {} }
  export const found: Promise<Session[]> = createSessionStorage({ reader, Session }).findSessionsByShop("");
  export const tokenFetch: typeof fetch = createTokenFetch(reader);
  export const renewed: string = createTestTokens({ acme: { scopes: ["read_orders"] } }).renew("acme");
  // @ts-expect-error a client and a region exclude each other
  createTokenReader({ client: new SecretsManagerClient({}), region: "us-east-1" });
  // @ts-expect-error a token is sealed
  export const open: Promise<string> = reader.token("acme").then((it) => it.accessToken);
`;

describe.each(WAYS)("an application that installs %s", (way) => {
  test("requires it from CommonJS", () => {
    const file = apps[way].write(
      "app.cjs",
      `const { createTokenReader, ReaderError } = require("shopify-secrets/reader");
       const { createSessionStorage } = require("shopify-secrets/session-storage");${USE}`,
    );
    expect(apps[way].run(file)).toBe("store_unknown,true,not_managed,true");
  });

  test("imports it from ESM", () => {
    const file = apps[way].write(
      "app.mjs",
      `import { createTokenReader, ReaderError } from "shopify-secrets/reader";
       import { createSessionStorage } from "shopify-secrets/session-storage";${USE}`,
    );
    expect(apps[way].run(file)).toBe("store_unknown,true,not_managed,true");
  });
});

describe.each(WAYS)("%s, where it is used in odd ways", (way) => {
  test("both module systems in one process know each other's errors", () => {
    const file = apps[way].write(
      "both.mjs",
      `import { createRequire } from "node:module";
       import * as esm from "shopify-secrets/reader";
       import { createSessionStorage } from "shopify-secrets/session-storage";
       const require = createRequire(import.meta.url);
       const cjs = require("shopify-secrets/reader");
       const { createTestTokens } = require("shopify-secrets/testing");
       const { reader } = createTestTokens({ acme: {} });
       const error = await reader.token("nobody").catch((thrown) => thrown);
       const storage = createSessionStorage({ reader, Session: class {} });
       class Own extends esm.ReaderError {}
       console.log([
         error.code, error instanceof esm.ReaderError, error instanceof cjs.ReaderError, esm.ReaderError === cjs.ReaderError,
         error instanceof Own, new Own("closed") instanceof esm.ReaderError, new Error() instanceof esm.ReaderError,
         await storage.loadSession("offline_other.myshopify.com"),
       ].join());`,
    );
    expect(apps[way].run(file)).toBe("secret_missing,true,true,false,false,true,false,");
  });

  test("a worker thread has a reader of its own, and is sent no sealed token", () => {
    const file = apps[way].write(
      "worker.cjs",
      `const { Worker, isMainThread, parentPort } = require("node:worker_threads");
       const { createTestTokens } = require("shopify-secrets/testing");
       const { reader } = createTestTokens({ acme: { accessToken: "of-a-test" } });
       reader.token("acme").then((token) => {
         if (!isMainThread) return parentPort.postMessage(token.accessToken.unseal());
         const worker = new Worker(__filename);
         worker.on("message", (text) => {
           let refusal = "";
           try { worker.postMessage(token); } catch (error) { refusal = error.name; }
           console.log(text, refusal);
           worker.terminate();
         });
       });`,
    );
    expect(apps[way].run(file)).toBe("of-a-test DataCloneError");
  });

  test.each(["browser", "edge-light", "workerd", "react-native"])(
    "a bundle for %s says where the package runs, and not that a module of Node is missing",
    async (condition) => {
      const file = apps[way].write(
        "bundled.js",
        `import { createTokenReader } from "shopify-secrets/reader";
         import { createSessionStorage } from "shopify-secrets/session-storage";
         export const all = [createTokenReader, createSessionStorage];`,
      );
      const { outputFiles } = await build({
        entryPoints: [file],
        bundle: true,
        platform: "browser",
        conditions: [condition],
        format: "iife",
        write: false,
        logLevel: "silent",
      });
      expect(() => runInNewContext(outputFiles[0]?.text ?? "")).toThrow(
        /shopify-secrets runs in Node\.js only/,
      );
    },
  );
});

describe("types", () => {
  test.each([
    [["app.cts", "app.mts"], ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
    [["app.ts"], ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
    // What `pulumi new aws-typescript` wrote until March 2026, and what CDK's template writes.
    [["app.ts"], ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10],
  ])("%p get types, strict and checked themselves", (files, module, moduleResolution) => {
    const app = apps["the whole package"];
    const roots = files.map((file) => app.write(file, TYPED));
    const program = ts.createProgram(roots, {
      module,
      moduleResolution,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts"],
      types: ["node"],
      typeRoots: [join(PROJECT, "node_modules/@types")],
      ignoreDeprecations: "6.0",
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    });
    const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(app.folder));
    const problems = ours
      .flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ])
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
    expect(problems).toEqual([]);
    expect(ours.length).toBeGreaterThan(15);
  });

  test("both ways lead to the same files", () => {
    const [whole, alone] = WAYS.map((way) => apps[way].manifest().exports ?? {});
    for (const [entry, conditions] of Object.entries(alone ?? {})) {
      const inWhole = JSON.stringify(whole?.[entry]).replaceAll("./dist/reader/", "./");
      expect(inWhole).toBe(JSON.stringify(conditions));
    }
    expect(Object.keys(alone ?? {})).toEqual(["./reader", "./session-storage", "./testing"]);
  });
});

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(PROJECT, file), "utf8")) as T;
}

/** Everything that npm installs for an application along with the package: required peers count, optional ones do not. */
function treeOf(manifest: Manifest): Set<string> {
  const { packages } = readJson<{ packages: Record<string, Manifest> }>("package-lock.json");
  const found = new Set<string>();
  const add = (one: Manifest) => {
    for (const name of namesIn(one)) {
      if (found.has(name)) continue;
      found.add(name);
      const locked = packages[`node_modules/${name}`];
      if (locked === undefined) throw new Error(`${name} is not in the lockfile`);
      add(locked);
    }
  };
  add(manifest);
  return found;
}

function namesIn({
  dependencies,
  peerDependencies = {},
  peerDependenciesMeta,
}: Manifest): string[] {
  const required = Object.keys(peerDependencies).filter(
    (name) => peerDependenciesMeta?.[name]?.optional !== true,
  );
  return [...Object.keys(dependencies ?? {}), ...required];
}
