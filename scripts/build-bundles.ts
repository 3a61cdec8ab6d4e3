import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { packagesIn, writeNotices } from "./third-party";

const ROOT = resolve(__dirname, "..");
const SOURCES = join(ROOT, "lambda");
const OUTPUT = join(ROOT, "dist", "lambda");
const NOTICES = join(ROOT, "dist", "third-party", "functions.txt");

/** The bundles by their names, with what each begins at: the handler of every folder of lambda/ that has one. */
export function entryPoints(): ReadonlyMap<string, string> {
  const found = readdirSync(SOURCES).flatMap((folder) =>
    [
      [folder, join(SOURCES, folder, "handler.ts")] as const,
      // The same function as a large fleet has it, with what carries its work.
      [`${folder}-queue`, join(SOURCES, folder, "queue-handler.ts")] as const,
    ].filter(([, file]) => existsSync(file)),
  );
  return new Map(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}

const NOTHING = "module.exports = undefined;";

/** Parts of packages that a function never runs, and what stands there instead. */
const LEFT_OUT: readonly { readonly file: RegExp; readonly instead: string }[] = [
  // undici's HTTP parser without SIMD: every processor that Lambda has knows SIMD.
  { file: /undici[\\/]lib[\\/]llhttp[\\/]llhttp-wasm\.js$/, instead: NOTHING },
  // HTTP/2, which is not switched on.
  { file: /undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/, instead: NOTHING },
  // fetch's bodies, which undici asks for when it meets a FormData: we send texts.
  { file: /undici[\\/]lib[\\/]web[\\/]fetch[\\/]body\.js$/, instead: NOTHING },
  // Where else credentials could come from (files, SSO, STS, EC2, ECS): a function has its role's in its environment,
  // always ("Defined runtime environment variables", Lambda developer guide).
  {
    file: /@aws-sdk[\\/]credential-provider-node[\\/]dist-es[\\/]defaultProvider\.js$/,
    instead: `import { fromEnv } from "@aws-sdk/credential-provider-env";
      export const defaultProvider = (init) => fromEnv(init);
      export const credentialsWillNeedRefresh = () => false;
      export const credentialsTreatedAsExpired = () => false;`,
  },
];

/** A client of AWS reads its own version there, and carries all that its package says of itself besides. */
const OWN_PACKAGE = /@aws-sdk[\\/][^\\/]+[\\/]package\.json$/;

function versionAlone(path: string): string {
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  return JSON.stringify({ version });
}

/** Leaves out what a function never runs: every kilobyte of a bundle is read at each cold start. */
const leaveOut: Plugin = {
  name: "leave-out",
  setup({ onLoad }) {
    for (const { file, instead } of LEFT_OUT) {
      onLoad({ filter: file }, ({ path }) => ({ contents: instead, resolveDir: dirname(path) }));
    }
    onLoad({ filter: OWN_PACKAGE }, ({ path }) => ({
      contents: versionAlone(path),
      loader: "json",
    }));
  },
};

/** Nothing is left out: how anybody would bundle it, for the bench to compare with. */
export const AS_IT_COMES: readonly Plugin[] = [];

/**
 * Bundles one entry point as a function's `index.mjs`, which is never seen half written; answers what is in it.
 *
 * Its source map lies beside the folder, as `<folder>.map`: what is in the folder is read at each cold start.
 */
export async function bundle(
  entryPoint: string,
  outputFolder: string,
  plugins: readonly Plugin[] = [leaveOut],
): Promise<Metafile> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entryPoint],
    write: false,
    metafile: true,
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    // The map is not named in the bundle, and quotes no source: it is for `npm run frames`.
    outdir: outputFolder,
    sourcemap: "external",
    sourcesContent: false,
    legalComments: "none",
    logLevel: "error",
    plugins: [...plugins],
    // Bundled CommonJS asks for Node's own modules by require.
    banner: {
      js: 'import{createRequire as createRequireOfBundle}from"node:module";const require=createRequireOfBundle(import.meta.url);',
    },
  });
  mkdirSync(outputFolder, { recursive: true });
  const draft = `${outputFolder}.${process.pid}`;
  for (const { path, contents } of outputFiles) {
    writeFileSync(draft, contents);
    renameSync(
      draft,
      path.endsWith(".map") ? mapOf(outputFolder) : join(outputFolder, "index.mjs"),
    );
  }
  return metafile;
}

/** The file of a bundle's source map. */
export function mapOf(outputFolder: string): string {
  return `${outputFolder}.map`;
}

/** What an earlier version, or a build that was cut off, has left. */
function removeOthers(names: readonly string[]): void {
  const found = existsSync(OUTPUT) ? readdirSync(OUTPUT) : [];
  for (const other of found.filter((name) => !names.includes(name.replace(/\.map$/, "")))) {
    rmSync(join(OUTPUT, other), { recursive: true });
  }
}

/** The size of a bundle, as it is and as Lambda stores it. */
export function sizeOf(outputFolder: string): { rawBytes: number; zippedBytes: number } {
  const file = join(outputFolder, "index.mjs");
  return {
    rawBytes: statSync(file).size,
    zippedBytes: deflateRawSync(readFileSync(file), { level: 9 }).byteLength,
  };
}

async function main(): Promise<void> {
  const bundles = entryPoints();
  removeOthers([...bundles.keys()]);
  const metafiles: Metafile[] = [];
  for (const [name, entryPoint] of bundles) {
    const folder = join(OUTPUT, name);
    metafiles.push(await bundle(entryPoint, folder));
    const { rawBytes, zippedBytes } = sizeOf(folder);
    process.stdout.write(
      `dist/lambda/${name}/index.mjs  ${rawBytes} bytes, ${zippedBytes} zipped\n`,
    );
  }
  writeNotices(NOTICES, packagesIn(...metafiles));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : "the build failed"}\n`);
    process.exitCode = 1;
  });
}
