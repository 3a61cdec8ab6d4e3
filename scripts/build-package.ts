import { chmodSync, copyFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { linkProgram } from "./command-link";
import { packagesIn, writeNotices } from "./third-party";

const PROJECT = join(__dirname, "..");
const FOLDER = join(PROJECT, "dist/package");

/** Bundles the component provider: the engine starts it at every command, so that what it loads at its start is little. */
async function main(): Promise<void> {
  const outfile = join(FOLDER, "main.js");
  const { metafile } = await build({
    entryPoints: [join(PROJECT, "infra/package/main.ts")],
    outfile,
    absWorkingDir: PROJECT,
    metafile: true,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
    // One copy of the protocol's messages: a second one in the bundle could not serialize the first one's.
    external: ["@pulumi/*", "@grpc/grpc-js", "google-protobuf", "@aws-sdk/*"],
    logLevel: "warning",
  });
  chmodSync(outfile, 0o755);
  copyFileSync(join(PROJECT, "infra/package/schema.json"), join(FOLDER, "schema.json"));
  linkProgram(PROJECT, "pulumi-resource-shopify-secrets", outfile);
  writeNotices(join(PROJECT, "dist/third-party/package.txt"), packagesIn(metafile));
  const kibibytes = Math.round(statSync(outfile).size / 1_024);
  process.stdout.write(`${relative(PROJECT, outfile)}  ${kibibytes} KiB\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
