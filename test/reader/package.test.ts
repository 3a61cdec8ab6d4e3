import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

describe("types", () => {
  test.each([
    [["app.cts", "app.mts"], ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
    [["app.ts"], ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
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
    expect(ours.length).toBeGreaterThan(20);
  });

  test("both ways lead to the same files", () => {
    const [whole, alone] = WAYS.map((way) => apps[way].manifest().exports ?? {});
    for (const [entry, conditions] of Object.entries(alone ?? {})) {
      const inWhole = JSON.stringify(whole?.[entry]).replaceAll("./dist/reader/", "./");
      expect(inWhole).toBe(JSON.stringify(conditions));
    }
    expect(Object.keys(alone ?? {})).toEqual(["./reader", "./session-storage"]);
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
