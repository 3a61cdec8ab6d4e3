import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import ts from "typescript";
import { packagesIn, writeNotices } from "./third-party";

const ROOT = resolve(__dirname, "..");
const OUTPUT = join(ROOT, "dist", "reader");

/** What an application imports: `shopify-secrets/<name>`, and where its source is. */
const ENTRIES = {
  reader: { source: "reader/index.ts", file: "index" },
  "session-storage": { source: "reader/session-storage/index.ts", file: "session-storage" },
  testing: { source: "reader/testing/index.ts", file: "testing" },
} as const;

const FORMATS = [
  { format: "cjs", extension: "cjs" },
  { format: "esm", extension: "mjs" },
] as const;

/** The first release of the AWS client that knows BatchGetSecretValue. */
const PEERS = { "@aws-sdk/client-secrets-manager": "^3.458.0" };

/**
 * Builds the reader as a package of its own, so that an application's dependency tree gains the AWS client
 * as a peer and nothing else. Answers the modules that the bundles still import.
 */
export async function buildReader(output: string = OUTPUT): Promise<string[]> {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  const imports = new Set<string>();
  const metafiles: Metafile[] = [];
  for (const entry of Object.values(ENTRIES)) {
    for (const { format, extension } of FORMATS) {
      const { metafile } = await build({
        entryPoints: [join(ROOT, entry.source)],
        outfile: join(output, `${entry.file}.${extension}`),
        bundle: true,
        format,
        platform: "node",
        target: "node20.18",
        mainFields: ["module", "main"],
        external: Object.keys(PEERS),
        legalComments: "none",
        logLevel: "error",
        metafile: true,
        absWorkingDir: ROOT,
        plugins: [sharedReader(extension)],
      });
      for (const name of importsOf(metafile)) imports.add(name);
      metafiles.push(metafile);
    }
    writeTypeEntries(output, entry);
  }
  emitTypes(join(output, "types"));
  const refusal = `throw new Error(${JSON.stringify(ELSEWHERE_SENTENCE)});\n`;
  writeFileSync(join(output, ELSEWHERE_FILE), refusal);
  writeNotices(join(output, "third-party.txt"), packagesIn(...metafiles));
  writeFileSync(join(output, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
  return [...imports].sort();
}

/** The other entries use the reader's own module: one class of errors, one reader, whoever asks for them. */
function sharedReader(extension: string): Plugin {
  return {
    name: "shared-reader",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.\/(errors|token-reader)$/ }, ({ importer }) =>
        dirname(dirname(importer)).endsWith("reader")
          ? { path: `./index.${extension}`, external: true }
          : undefined,
      );
    },
  };
}

/** Where the package cannot run, as the bundlers and runtimes call it. */
const ELSEWHERE = ["browser", "edge-light", "workerd", "react-native"] as const;

/** What is bundled there in place of any entry: it says so when it is loaded, instead of failing at some Node module. */
const ELSEWHERE_FILE = "elsewhere.cjs";
const ELSEWHERE_SENTENCE =
  "shopify-secrets runs in Node.js only, where AWS credentials are: a browser must never hold an access token, and an edge " +
  "runtime has no role. Use it on a server, and let the browser or the edge call that server. " +
  'Tests of it in Jest want testEnvironment: "node".';

function importsOf(metafile: Metafile): string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return inputs.filter(({ external }) => external).map(({ path }) => path);
}

/** Both module systems share one set of declarations, so that their types are the same types. */
function writeTypeEntries(output: string, entry: (typeof ENTRIES)[keyof typeof ENTRIES]): void {
  const declared = entry.source.replace(/\.ts$/, "");
  writeFileSync(join(output, `${entry.file}.d.cts`), `export * from "./types/${declared}";\n`);
  writeFileSync(join(output, `${entry.file}.d.mts`), `export * from "./${entry.file}.cjs";\n`);
}

function emitTypes(outDir: string): void {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const { tsBuildInfoFile: _unused, ...compilerOptions } = options;
  const program = ts.createProgram(
    Object.values(ENTRIES).map(({ source }) => join(ROOT, source)),
    {
      ...compilerOptions,
      incremental: false,
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: ROOT,
      outDir,
    },
  );
  const { diagnostics } = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) {
    throw new Error(ts.formatDiagnostics(problems, ts.createCompilerHost(compilerOptions)));
  }
}

function manifest(): object {
  const { name, version, license, engines } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  const description = "Current Shopify Admin API access tokens out of AWS Secrets Manager.";
  return {
    name,
    version,
    description,
    license,
    engines,
    sideEffects: false,
    typesVersions: typesVersions(),
    exports: Object.fromEntries(
      Object.entries(ENTRIES).map(([entry, { file }]) => [`./${entry}`, conditionsOf(`./${file}`)]),
    ),
    peerDependencies: PEERS,
  };
}

function conditionsOf(path: string): object {
  return {
    ...Object.fromEntries(ELSEWHERE.map((name) => [name, `./${ELSEWHERE_FILE}`])),
    import: { types: `${path}.d.mts`, default: `${path}.mjs` },
    require: { types: `${path}.d.cts`, default: `${path}.cjs` },
  };
}

/** For TypeScript's `moduleResolution: node`, which reads no `exports`. */
function typesVersions(): object {
  const paths = Object.entries(ENTRIES).map(([name, { source }]) => [
    name,
    [`./types/${source.replace(/\.ts$/, ".d.ts")}`],
  ]);
  return { "*": Object.fromEntries(paths) };
}

async function main(): Promise<void> {
  await buildReader();
  for (const { file } of Object.values(ENTRIES)) {
    const { size } = statSync(join(OUTPUT, `${file}.mjs`));
    process.stdout.write(`dist/reader/${file}.mjs  ${size} bytes\n`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : "the build failed"}\n`);
    process.exitCode = 1;
  });
}
