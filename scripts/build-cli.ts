import { chmod, mkdir, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";

const PROJECT = join(__dirname, "..");
const OUTFILE = join(PROJECT, "dist/cli/main.js");
const LINK = join(PROJECT, "node_modules/.bin/shopify-secrets");

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
  if (process.platform !== "win32") await linkForNpx(); // there a link takes administrators' rights
  const { size } = await stat(OUTFILE);
  process.stdout.write(`${relative(PROJECT, OUTFILE)}  ${Math.round(size / 1_024)} KiB\n`);
}

/** npm links no package to itself: without this, `npx shopify-secrets` in the checkout packs and builds it each time. */
async function linkForNpx(): Promise<void> {
  await mkdir(dirname(LINK), { recursive: true });
  await rm(LINK, { force: true });
  await symlink(relative(dirname(LINK), OUTFILE), LINK);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
