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
import { join, resolve } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { packagesIn, writeNotices } from "./third-party";

const ROOT = resolve(__dirname, "..");
const SOURCES = join(ROOT, "lambda");
const OUTPUT = join(ROOT, "dist", "lambda");
const NOTICES = join(ROOT, "dist", "third-party", "functions.txt");

/** Every folder of lambda/ with a handler is a function. */
export function functionNames(): string[] {
  return readdirSync(SOURCES)
    .filter((name) => existsSync(join(SOURCES, name, "handler.ts")))
    .sort();
}

/**
 * Leaves out the parts of undici that the functions' runtime never runs: the HTTP parser without SIMD
 * (every processor that Lambda has knows SIMD) and HTTP/2 (it is not switched on).
 */
const leaveOut: Plugin = {
  name: "leave-out",
  setup({ onLoad }) {
    onLoad({ filter: /undici[\\/]lib[\\/]llhttp[\\/]llhttp-wasm\.js$/ }, () => ({
      contents: "module.exports = undefined;",
    }));
    onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/ }, () => ({
      contents: "module.exports = undefined;",
    }));
  },
};

/** Bundles one entry point as a function's `index.mjs`, which is never seen half written; answers what is in it. */
export async function bundle(entryPoint: string, outputFolder: string): Promise<Metafile> {
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
    legalComments: "none",
    logLevel: "error",
    plugins: [leaveOut],
    // Bundled CommonJS asks for Node's own modules by require.
    banner: {
      js: 'import{createRequire as createRequireOfBundle}from"node:module";const require=createRequireOfBundle(import.meta.url);',
    },
  });
  mkdirSync(outputFolder, { recursive: true });
  const draft = `${outputFolder}.${process.pid}`;
  writeFileSync(draft, outputFiles[0]?.contents ?? "");
  renameSync(draft, join(outputFolder, "index.mjs"));
  return metafile;
}

/** What an earlier version, or a build that was cut off, has left. */
function removeOthers(names: readonly string[]): void {
  const found = existsSync(OUTPUT) ? readdirSync(OUTPUT) : [];
  for (const other of found.filter((name) => !names.includes(name))) {
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
  const names = functionNames();
  removeOthers(names);
  const metafiles: Metafile[] = [];
  for (const name of names) {
    const folder = join(OUTPUT, name);
    metafiles.push(await bundle(join(SOURCES, name, "handler.ts"), folder));
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
