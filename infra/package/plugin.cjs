// What Pulumi starts in a clone of this repository (PulumiPlugin.yaml, and `main` in package.json): it installs the
// packages there, and runs no script, so that what is missing is built here, once.
const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const PROJECT = join(__dirname, "../..");
const BUILT = ["dist/package/main.js", "dist/lambda/enrol/index.mjs"];
const SCRIPTS = ["scripts/build-bundles.ts", "scripts/build-package.ts"];

if (!BUILT.every((file) => existsSync(join(PROJECT, file)))) build();
require("../../dist/package/main.js");

function build() {
  process.stderr.write("building the functions and the package, once …\n");
  for (const script of SCRIPTS) {
    // The engine reads the port of the provider from what this process prints, and nothing else.
    const stdio = ["ignore", 2, 2];
    const args = ["--import", "tsx", script];
    if (spawnSync(process.execPath, args, { cwd: PROJECT, stdio }).status === 0) continue;
    process.stderr.write(
      `shopify-secrets cannot be built: run npm ci && npm run build in ${PROJECT}\n`,
    );
    process.exit(1);
  }
}
