import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureEmulator, SILENT_PROGRESS } from "../local/toolchain";
import { functionNames } from "../scripts/build-bundles";
import { type CallCount, countCalls } from "./rotation/calls";
import { type BundleLoad, measureLoads } from "./rotation/load";

const LARGEST_ZIPPED_BYTES = 200_000;
const SLOWEST_RATIO = 1.25;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function sayCalls(counts: readonly CallCount[]): void {
  say("Calls of a successful renewal on a warm function (the app credential is read once more)");
  say("| renewal | Secrets Manager | KMS | Shopify | budget |");
  say("|---|---|---|---|---|");
  for (const { renewal, secretsManager, kms, shopify, budget } of counts) {
    say(`| ${renewal} | ${secretsManager} | ${kms} | ${shopify} | ${budget} |`);
  }
  say(
    "AWS's generic rotation template makes 10 before it does anything, its single-user database one 14.",
  );
}

function sayLoads(version: string, loads: readonly BundleLoad[]): void {
  const alone = loads[0] ?? { loadMs: Number.NaN, cpuMs: Number.NaN };
  say(
    `\nBundles, and their load on Node ${version} (${process.arch}; in turn, the quickest of each)`,
  );
  say("| bundle | bytes | zipped | load, ms | against the first | processor, ms | against it |");
  say("|---|---|---|---|---|---|---|");
  for (const { name, rawBytes, zippedBytes, loadMs, cpuMs } of loads) {
    const wall = `${loadMs.toFixed(1)} | ${(loadMs / alone.loadMs).toFixed(2)}`;
    const cpu = `${cpuMs.toFixed(1)} | ${(cpuMs / alone.cpuMs).toFixed(2)}`;
    say(`| ${name} | ${rawBytes} | ${zippedBytes} | ${wall} | ${cpu} |`);
  }
  say(
    `Budget of rotate: ${LARGEST_ZIPPED_BYTES} bytes zipped, ${SLOWEST_RATIO} times the load of the first.`,
  );
}

async function main(): Promise<void> {
  sayCalls(await countCalls());
  // The functions' own runtime, out of the local world's toolchain.
  const { nodeBinDir } = await ensureEmulator(SILENT_PROGRESS);
  const node = join(nodeBinDir, "node");
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  sayLoads(version, await measureLoads(node, functionNames()));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : "the bench failed"}\n`);
  process.exitCode = 1;
});
