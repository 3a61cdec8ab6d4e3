import { stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";

const PROJECT = join(__dirname, "..");

/** What the local world starts as a process of its own; bundled, because start-up time is paid at every `pulumi up`. */
const PROGRAMS = {
  "local/provider/main": "dist/local/provider/main.js",
  "local/demo/application": "dist/local/demo/application.js",
} as const;

async function main(): Promise<void> {
  for (const [source, target] of Object.entries(PROGRAMS)) {
    const outfile = join(PROJECT, target);
    await build({
      entryPoints: [join(PROJECT, `${source}.ts`)],
      outfile,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      // One copy of the protocol's messages: a second one in the bundle could not serialize the first one's.
      external: ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"],
      logLevel: "warning",
    });
    const { size } = await stat(outfile);
    process.stdout.write(`${relative(PROJECT, outfile)}  ${Math.round(size / 1_024)} KiB\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
