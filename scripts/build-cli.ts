import { chmod, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";

const PROJECT = join(__dirname, "..");
const OUTFILE = join(PROJECT, "dist/cli/main.js");

/** Bundles the operator's command: one file, so that it starts at once and needs nothing beside it. */
async function main(): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, "cli/main.ts")],
    outfile: OUTFILE,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
    logLevel: "warning",
  });
  await chmod(OUTFILE, 0o755);
  const { size } = await stat(OUTFILE);
  process.stdout.write(`${relative(PROJECT, OUTFILE)}  ${Math.round(size / 1_024)} KiB\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
