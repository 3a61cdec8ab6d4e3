import { chmod, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import { linkCommand } from "./command-link";
import { packagesIn, writeNotices } from "./third-party";

const PROJECT = join(__dirname, "..");
const OUTFILE = join(PROJECT, "dist/cli/main.js");

/** Leaves out the talk of the proxy's agent, which with DEBUG set would print the proxy's password. */
const leaveOut: Plugin = {
  name: "leave-out",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^debug$/ }, ({ path }) => ({ path, namespace: "left-out" }));
    onLoad({ filter: /^debug$/, namespace: "left-out" }, () => ({
      contents: "module.exports = () => () => undefined;",
    }));
  },
};

/** Bundles the operator's command: one file, so that it starts at once and needs nothing beside it. */
export async function buildCli(outfile: string = OUTFILE): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: [join(PROJECT, "cli/main.ts")],
    outfile,
    metafile: true,
    absWorkingDir: PROJECT,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
    logLevel: "warning",
    plugins: [leaveOut],
  });
  await chmod(outfile, 0o755);
  return metafile;
}

async function main(): Promise<void> {
  const metafile = await buildCli();
  linkCommand(PROJECT);
  writeNotices(join(PROJECT, "dist/third-party/command.txt"), packagesIn(metafile));
  const { size } = await stat(OUTFILE);
  process.stdout.write(`${relative(PROJECT, OUTFILE)}  ${Math.round(size / 1_024)} KiB\n`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
