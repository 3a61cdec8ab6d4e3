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
  /** The processor time of the load, which a busy machine does not lengthen as much. */
  readonly cpuMs: number;
}

type Load = Pick<BundleLoad, "loadMs" | "cpuMs">;

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
      ...(loads[index] ?? { loadMs: Number.NaN, cpuMs: Number.NaN }),
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
function quickestLoads(node: string, folders: readonly string[]): Load[] {
  const loads = folders.map((): Load[] => []);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, folder] of folders.entries()) loads[index]?.push(loadOf(node, folder));
  }
  return loads.map((ofOne) => ({
    loadMs: Math.min(...ofOne.map(({ loadMs }) => loadMs)),
    cpuMs: Math.min(...ofOne.map(({ cpuMs }) => cpuMs)),
  }));
}

const PROBE = `const before = process.cpuUsage();
const start = performance.now();
import(process.argv[1]).then(() => {
  const loadMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(JSON.stringify({ loadMs, cpuMs: (user + system) / 1_000 }));
});`;

function loadOf(node: string, folder: string): Load {
  const file = `file://${join(folder, "index.mjs")}`;
  const settings = { AWS_REGION: "us-east-1", SHOPIFY_SECRETS_PREFIX: "shopify/bench" };
  const env = { ...process.env, ...settings, NODE_NO_WARNINGS: "1" };
  const told = execFileSync(node, ["-e", PROBE, file], { encoding: "utf8", env, cwd: tmpdir() });
  return JSON.parse(told) as Load;
}
