import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import type { Tally } from "../../../examples/reader-app/work";
import type { StoreOutput } from "../../../local/demo/stack";
import type { World } from "../../../local/world/world";
import { buildReader } from "../../../scripts/build-reader";

const EXAMPLE = join(__dirname, "../../../examples/reader-app/main.ts");

export interface ReaderAppOptions {
  readonly stores: Readonly<Record<string, StoreOutput>>;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Where the application finds AWS. */
  readonly awsUrl: string;
  readonly workers: number;
  readonly pauseMs: number;
}

/** What the application says at its end. */
export interface Counted extends Tally {
  /** How often each event of the reader came. */
  readonly events: Readonly<Record<string, number>>;
}

/** The example application, running. */
export interface ReaderApp {
  /** Why it ended although nobody asked it to; undefined while it runs. */
  failure(): string | undefined;
  finish(): Promise<Counted>;
  kill(): void;
}

/** Builds the example against the package as it is handed out, and starts it in the world. */
export async function startReaderApp(world: World, options: ReaderAppOptions): Promise<ReaderApp> {
  const storesFile = join(world.folder, "stores.json");
  writeFileSync(storesFile, JSON.stringify(options.stores));
  const child = spawn(join(world.nodeBinDir, "node"), [await bundleIn(world.folder)], {
    env: {
      ...world.insideEnvironment,
      AWS_ENDPOINT_URL: options.awsUrl,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: options.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: options.credentials.secretAccessKey,
      STORES_FILE: storesFile,
      WORKERS: String(options.workers),
      PAUSE_MS: String(options.pauseMs),
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = textOf(child.stdout);
  const errors = textOf(child.stderr);
  const failure = () =>
    child.exitCode === null && child.signalCode === null ? undefined : `it ended: ${errors()}`;
  return {
    failure,
    async finish() {
      child.stdin?.end();
      if (failure() === undefined) await once(child, "close");
      if (child.exitCode !== 0) throw new Error(`the application failed: ${errors()}`);
      return JSON.parse(output()) as Counted;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

async function bundleIn(folder: string): Promise<string> {
  const reader = join(folder, "node_modules/shopify-secrets");
  await buildReader(reader);
  const outfile = join(folder, "reader-app.cjs");
  await build({
    entryPoints: [EXAMPLE],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    alias: { "shopify-secrets/reader": join(reader, "index.cjs") },
    nodePaths: [join(__dirname, "../../../node_modules")],
    logLevel: "error",
  });
  return outfile;
}

function textOf(stream: ChildProcess["stdout"]): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
