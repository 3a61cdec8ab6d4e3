import { spawn } from "node:child_process";
import { join } from "node:path";

const COMMAND = join(__dirname, "../../../dist/cli/main.js");

/** Types a command in a project's folder, without blocking: AWS and Shopify of the world live in this very process. */
export async function typedIn(
  cwd: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly out: string }> {
  const child = spawn(process.execPath, [COMMAND, ...words], { cwd, env });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    out += more;
  });
  child.stderr.resume();
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (ended) => resolve(ended ?? 1));
  });
  return { code, out };
}
