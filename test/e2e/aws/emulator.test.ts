import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../local/aws/emulator";
import { ensureEmulator, SILENT_PROGRESS } from "../../../local/toolchain";

const SOURCES = join(__dirname, "../../../local/aws");
let folder: string;
let python: string;

beforeAll(async () => {
  python = (await ensureEmulator(SILENT_PROGRESS)).python;
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-e2e-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a changed copy of the start-up files; gives the exit code and what it said. */
async function startChanged(
  file: string,
  from: string,
  to: string,
): Promise<[number | null, string]> {
  cpSync(SOURCES, folder, { recursive: true });
  const source = readFileSync(join(folder, file), "utf8");
  expect(source).toContain(from);
  writeFileSync(join(folder, file), source.replace(from, to));
  const child = spawn(python, [join(folder, "start_ministack.py")], {
    env: { PATH: process.env["PATH"], TMPDIR: folder, GATEWAY_PORT: String(await freePort()) },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return [code, said.trim().split("\n").at(-1) ?? ""];
}

test("another ministack than the pinned one is refused", async () => {
  expect(await startChanged("start_ministack.py", 'PINNED = "1.5.33"', 'PINNED = "9.9.9"')).toEqual(
    [3, "start_ministack: ministack 9.9.9 is needed, 1.5.33 is installed"],
  );
});

test("internals that are not as expected are refused, not passed over", async () => {
  const changed = await startChanged(
    "world_lambda.py",
    'status: "error", error: e.message',
    "status: 0",
  );
  expect(changed).toEqual([
    3,
    "start_ministack: ministack 1.5.33 is not as expected: the Node worker script has changed",
  ]);
});

test("the emulator ends when the process that started it is killed", async () => {
  const port = await freePort();
  const parent = spawn(
    process.execPath,
    ["-e", PARENT, python, join(SOURCES, "start_ministack.py")],
    {
      env: { PATH: process.env["PATH"], TMPDIR: folder, GATEWAY_PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  await new Promise((resolve) => parent.stdout.once("data", resolve));
  expect(await answers(port)).toBe(true);
  parent.kill("SIGKILL");
  while (await answers(port)) await new Promise((resolve) => setTimeout(resolve, 50));
});

/** Starts the emulator as the world does, and says so once it answers. */
const PARENT = `
const [python, file] = process.argv.slice(1);
require("node:child_process").spawn(python, [file], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
const url = "http://127.0.0.1:" + process.env.GATEWAY_PORT + "/_ministack/health";
const poll = () => fetch(url).then(() => console.log("up"), () => setTimeout(poll, 50));
poll();
setInterval(() => undefined, 1000);
`;

async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/_ministack/health`)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
