import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(__dirname, "../..");
/** Lets the command begin only when a byte comes: by then the other end of its output is gone. */
const WAIT = "data:text/javascript,import{readSync}from'node:fs';readSync(0,new Uint8Array(1))";

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

function command(words: readonly string[], stdout: "closed pipe" | number): Promise<Ended> {
  const args = ["--import", WAIT, "--import", "tsx", "cli/main.ts", ...words];
  const child = spawn(process.execPath, args, {
    cwd: PROJECT,
    stdio: ["pipe", stdout === "closed pipe" ? "pipe" : stdout, "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  child.stdout?.destroy();
  child.stdin?.end("x");
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString("utf8");
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, err })));
}

test("a reader that has seen enough ends nothing with a stack", async () => {
  expect(await command(["--help"], "closed pipe")).toEqual({ code: 0, err: "" });
  const refused = await command(["statsu", "--json"], "closed pipe");
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/^shopify-secrets: there is no command "statsu"\. Next: .*\n$/);
});

test("a full disk loses the result, and is told", async () => {
  expect(await command(["--help"], openSync("/dev/full", "w"))).toEqual({
    code: 3,
    err: "shopify-secrets: the output cannot be written (ENOSPC). Next: make room for it, or write it elsewhere\n",
  });
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "whoever is told of %s says his word, and the process ends by it",
  async (signal) => {
    const program = `
      const { terminalSurroundings } = require("./cli/terminal.ts");
      const host = terminalSurroundings();
      host.onInterrupt(() => host.err.write("never\\n"))();
      host.onInterrupt(() => host.err.write("told\\n"));
      setInterval(() => undefined, 60_000);
      process.stdout.write("ready");`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", program], { cwd: PROJECT });
    let err = "";
    child.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString("utf8");
    });
    child.stdout.once("data", () => void child.kill(signal));
    const ended = new Promise((resolve) => child.on("close", (_code, by) => resolve(by)));
    expect(await ended).toBe(signal);
    expect(err).toBe("told\n");
  },
);
