import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { type Patch, patched } from "../../patch";
import { PARTS, type Part } from "./part";
import type { Globals } from "./process";

export type { Part } from "./part";

/** Runs a part's code from its first line, as a new process does; gives what it exports. */
export type Start = (globals: Globals, require: (name: string) => unknown) => unknown;

/** Each part, ready to be started as often as processes are wanted. */
export type Product = Readonly<Record<Part, Start>>;

const ROOT = resolve(__dirname, "../../..");

/** What each part is, from the project's folder. */
const ENTRIES: Readonly<Record<Part, string>> = {
  rotate: 'export { handler } from "./lambda/rotate/handler";',
  enrol: 'export { handler } from "./lambda/enrol/handler";',
  sweep: 'export { handler } from "./lambda/sweep/handler";',
  "sweep-queue": 'export { handler } from "./lambda/sweep/queue-handler";',
  install: 'export { handler } from "./lambda/install/handler";',
  reader: 'export * from "./reader";',
  command:
    'export { run } from "./cli/run"; export { connectToAws } from "./cli/aws/connect"; export { Sealed } from "./contract/sealed";',
};

/** Names that a part's code finds as parameters of the function around it. */
const GLOBALS = [
  "process",
  "console",
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "Date",
  "performance",
  "AbortController",
  "AbortSignal",
  "Math",
] as const satisfies readonly (keyof Globals)[];

/**
 * Builds the product's own code, from its handlers on, without what stands at its edge: the clients of AWS and
 * the one that speaks to Shopify. Nothing of the product is replaced.
 */
export async function buildProduct(patches: readonly Patch[] = []): Promise<Product> {
  const built = await Promise.all(
    PARTS.map(async (part) => [part, await buildPart(part, patches)]),
  );
  return Object.fromEntries(built) as Product;
}

async function buildPart(part: Part, patches: readonly Patch[]): Promise<Start> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRIES[part], resolveDir: ROOT, loader: "ts" },
    absWorkingDir: ROOT,
    write: false,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    mainFields: ["module", "main"],
    external: ["@aws-sdk/*", "@smithy/*", "undici", "undici/*"],
    logLevel: "error",
    plugins: [planting(patches)],
  });
  const text = outputFiles[0]?.text ?? "";
  // A function of this realm, so that its errors are errors here too.
  const run = new Function(
    ...GLOBALS,
    "require",
    "module",
    "exports",
    `${text}\n//# sourceURL=simulation/${part}.js`,
  );
  return (globals, require) => {
    const module = { exports: {} };
    run(...GLOBALS.map((name) => globals[name]), require, module, module.exports);
    return module.exports;
  };
}

/** Replaces text of source files while they are read. */
function planting(patches: readonly Patch[]): Plugin {
  const files = new Set(patches.map(({ file }) => file));
  return {
    name: "planting",
    setup({ onLoad }) {
      if (files.size === 0) return;
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const file = relative(ROOT, path);
        if (!files.has(file)) return undefined;
        const own = patches.filter((patch) => patch.file === file);
        return {
          contents: own.reduce(patched, readFileSync(join(ROOT, file), "utf8")),
          loader: "ts",
        };
      });
    },
  };
}
