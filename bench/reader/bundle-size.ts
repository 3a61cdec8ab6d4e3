import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Library } from "./libraries";

const ROOT = resolve(__dirname, "../..");
const AWS_CLIENT = "@aws-sdk/client-secrets-manager";

export interface BundleSize {
  /** What the library adds to an application that has the AWS client already, minified, in bytes. */
  readonly alone: number;
  /** The same with the AWS client. */
  readonly whole: number;
  readonly aloneZipped: number;
}

/** The size of the least application with each library, minified, as ESM for Node 20. */
export async function bundleSizes(libraries: readonly Library[]): Promise<BundleSize[]> {
  const sizes: BundleSize[] = [];
  for (const { source } of libraries) {
    const alone = await bundle(source, [AWS_CLIENT]);
    const whole = await bundle(source, []);
    sizes.push({
      alone: alone.byteLength,
      whole: whole.byteLength,
      aloneZipped: gzipSync(alone).byteLength,
    });
  }
  return sizes;
}

async function bundle(contents: string, external: string[]): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ROOT, loader: "js" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    legalComments: "none",
    external,
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
