import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReaderUser } from "../../../local/demo/reader-user";
import type { World } from "../../../local/world/world";

const COMMAND = join(__dirname, "../../../dist/cli/main.js");

/** How one call of the command ended. */
export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A person at a terminal of the world, with what IAM gives them. */
export type Person = (words: string, input?: string) => Promise<Typed>;

/** Makes an IAM user with these policies, who types at a terminal of the world; nothing is a test's own there. */
// biome-ignore lint/complexity/useMaxParams: what is odd about a terminal comes last and rarely
export async function personWith(
  world: World,
  name: string,
  policies: readonly string[],
  odd: Readonly<Record<string, string>> = {},
): Promise<Person> {
  const env = await terminalOf(world, name, policies);
  return (words, input = "") => begin(words.split(" "), { env: { ...env, ...odd }, input }).ended;
}

/** A command that runs. */
export interface Started {
  readonly ended: Promise<Typed>;
  /** What it has said on standard error so far. */
  err(): string;
  /** Closes its terminal in the middle. */
  kill(): void;
}

/** Somebody whose commands can be watched and closed. */
export async function startedBy(
  world: World,
  name: string,
  policies: readonly string[],
): Promise<(words: string) => Started> {
  const env = await terminalOf(world, name, policies);
  return (words) => begin(words.split(" "), { env, input: "" });
}

async function terminalOf(
  world: World,
  name: string,
  policies: readonly string[],
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey } = await createReaderUser(world, name, policies);
  return {
    PATH: process.env["PATH"] ?? "",
    TMPDIR: process.env["TMPDIR"] ?? tmpdir(),
    ...world.insideEnvironment,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
}

/** Without blocking: AWS and Shopify of the world live in this very process. */
function begin(
  words: readonly string[],
  { env, input }: { readonly env: Record<string, string>; readonly input: string },
): Started {
  const child = spawn(process.execPath, [COMMAND, ...words], { env });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text.out += more;
  });
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    text.err += more;
  });
  child.stdin.end(input);
  const ended = new Promise<Typed>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, ...text }));
  });
  return { ended, err: () => text.err, kill: () => void child.kill("SIGKILL") };
}
