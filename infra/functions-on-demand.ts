import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isStale } from "./is-stale";
import { plainRefusal } from "./plain-refusal";

/** What the functions' bundles are made of. */
const SOURCES = ["contract", "lambda", "scripts/build-bundles.ts", "package-lock.json"];

/**
 * Builds the functions of a checkout when a source is newer than they are: `npm ci` runs no scripts, so that
 * nothing else has built a fresh clone or a new version, and a new program must not deploy old functions.
 * Does nothing where there are no sources.
 *
 * @throws {pulumi.RunError} when they cannot be built, as without the development dependencies
 */
export function buildFunctionsIfOld(project: string): void {
  if (!existsSync(join(project, "lambda")) || !isStale(project, "dist/lambda", SOURCES)) return;
  if (!existsSync(join(project, "node_modules/tsx")) || !build(project)) {
    throw plainRefusal("the functions cannot be built: run npm ci && npm run build");
  }
}

function build(project: string): boolean {
  process.stderr.write("building the functions …\n");
  const args = ["--import", "tsx", "scripts/build-bundles.ts"];
  const stdio = ["ignore", "ignore", "inherit"] as const;
  const env = withoutSecrets(process.env);
  return spawnSync(process.execPath, args, { cwd: project, env, stdio: [...stdio] }).status === 0;
}

/** What tools that build need not see: the stack's config in clear text, what opens its state, and who deploys it. */
const OF_THE_STACK = /^(?:PULUMI_|AWS_)/;

export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OF_THE_STACK.test(name)));
}
