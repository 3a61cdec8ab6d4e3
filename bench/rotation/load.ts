import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle, sizeOf } from "../../scripts/build-bundles";

const ROOT = resolve(__dirname, "..", "..");
const ROUNDS = 21;

/** One bundle's size and the time that Node takes to load it. */
export interface BundleLoad {
  readonly name: string;
  readonly rawBytes: number;
  readonly zippedBytes: number;
  readonly loadMs: number;
}

const ALONE = `import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
const client = new SecretsManagerClient({});
export const handler = () => client.config.region();
`;
const FRONT_DOOR = `import { request } from "undici";
${ALONE}export const ask = request;
`;

/** Measures the functions' bundles side by side with one that holds the Secrets Manager client alone. */
export async function measureLoads(
  node: string,
  functions: readonly string[],
): Promise<BundleLoad[]> {
  // Inside the project, so that packages are found.
  const scratch = mkdtempSync(join(mkdirIn(join(ROOT, "dist")), "bench-"));
  try {
    const entries: [string, string][] = [
      ["Secrets Manager client alone", written(join(scratch, "alone.ts"), ALONE)],
      ["the same with undici's front door", written(join(scratch, "front-door.ts"), FRONT_DOOR)],
      ...functions.map((name): [string, string] => [
        name,
        join(ROOT, "lambda", name, "handler.ts"),
      ]),
    ];
    const folders = await Promise.all(
      entries.map(async ([, entry], index) => {
        const folder = join(scratch, `${index}`);
        await bundle(entry, folder);
        return folder;
      }),
    );
    const loads = quickestLoads(node, folders);
    return entries.map(([name], index) => ({
      name,
      ...sizeOf(folders[index] ?? ""),
      loadMs: loads[index] ?? Number.NaN,
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function mkdirIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return folder;
}

function written(file: string, text: string): string {
  writeFileSync(file, text);
  return file;
}

/** Loads each in a fresh process, in turn; the least disturbed time of each counts. */
function quickestLoads(node: string, folders: readonly string[]): number[] {
  const times = folders.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, folder] of folders.entries()) times[index]?.push(loadMsOf(node, folder));
  }
  return times.map((ofOne) => Math.min(...ofOne));
}

const PROBE = `const start = performance.now();
import(process.argv[1]).then(() => process.stdout.write(String(performance.now() - start)));`;

function loadMsOf(node: string, folder: string): number {
  const file = `file://${join(folder, "index.mjs")}`;
  const settings = { AWS_REGION: "us-east-1", SHOPIFY_SECRETS_PREFIX: "shopify/bench" };
  const env = { ...process.env, ...settings, NODE_NO_WARNINGS: "1" };
  return Number(execFileSync(node, ["-e", PROBE, file], { encoding: "utf8", env, cwd: tmpdir() }));
}
