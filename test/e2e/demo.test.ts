import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WORLD_BEGINS } from "../../local/world/begins";
import { descendantsOf, endTree, isAlive, processTable } from "../../local/world/process-tree";
import { PROJECT } from "../docs/code-blocks";
import { missingLines } from "./readme-output";

/** A demo that runs as a user's would: npm, in a terminal of its own. */
interface Demo {
  readonly child: ChildProcess;
  /** Resolves when a line says this. */
  says(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  output(): string;
}

/** Where the demos' worlds begin, which begin now in a user's hands. */
const BEGINS = "2026-11-23T09:35:00Z";

const started: Demo[] = [];
/** The worlds' folders lie here: other worlds of this machine do not matter. */
const folder = mkdtempSync(join(tmpdir(), "demos-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(() => {
  for (const { child } of started.splice(0)) if (child.pid !== undefined) endTree(child.pid);
});

test("two demos at once: each ends by itself with exit code 0 and leaves nothing", async () => {
  const demos = [startDemo(), startDemo()];
  const ends = await Promise.all(demos.map((demo) => demo.ended));
  for (const demo of demos) {
    expect(demo.output()).toContain("0 refused calls");
    expect(demo.output()).toContain("no secret is left");
    expect(missingLines(demo.output(), "4. The secrets")).toEqual([]);
    expect(demo.output()).not.toMatch(/shp[a-z]{2}_(?!\*)/);
  }
  expect(ends).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  expect(worldFolders()).toEqual([]);
});

test("Ctrl-C in the middle of up leaves no process and no folder", async () => {
  const demo = startDemo();
  await demo.says("LogGroup rotate-log created");
  const processes = descendantsOf(demo.child.pid ?? 0, processTable());
  expect(processes.length).toBeGreaterThan(5);
  process.kill(-(demo.child.pid ?? 0), "SIGINT");
  await demo.ended;
  await gone(processes);
  expect(demo.output()).toContain("SIGINT: taking the world down");
  expect(worldFolders()).toEqual([]);
});

test("when the emulator dies the demo says so in its own words, and ends", async () => {
  const demo = startDemo();
  await demo.says("2. pulumi up");
  const processes = descendantsOf(demo.child.pid ?? 0, processTable());
  const emulator = processes.find((pid) => commandOf(pid).includes("start_ministack.py"));
  process.kill(emulator ?? Number.NaN, "SIGKILL");
  expect((await demo.ended).code).toBe(1);
  expect(demo.output()).toContain("no  the AWS emulator ended (SIGKILL). Its log ends:");
  await gone(processes);
});

function startDemo(): Demo {
  const child = spawn("npm", ["run", "--silent", "demo"], {
    cwd: PROJECT,
    env: { [WORLD_BEGINS]: BEGINS, ...process.env, TMPDIR: folder },
    detached: true, // a process group of its own, as a terminal gives it: Ctrl-C reaches all of it
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  const keep = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    for (const { text, resolve } of waiting) if (output.includes(text)) resolve();
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal })),
  );
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      if (output.includes(text)) resolve();
      waiting.push({ text, resolve });
      void ended.then(() =>
        reject(new Error(`the demo ended without saying "${text}":\n${output}`)),
      );
    });
  const demo = { child, says, ended, output: () => output };
  started.push(demo);
  return demo;
}

/** Waits until none of these processes is left; the test's own time limit is the end of patience. */
async function gone(processes: readonly number[]): Promise<void> {
  while (processes.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 50));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended in the meantime
  }
}

function worldFolders(): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("shopify-secrets-"));
}
