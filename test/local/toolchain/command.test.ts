import { createCommandRunner, lastLineOf } from "../../../local/toolchain/command";
import { ToolchainError, TROUBLE, type TroubleCode } from "../../../local/toolchain/trouble";

const env = process.env;
const LONG_MS = 60_000;

/** Node, running a script. */
const nodeRunning = (script: string) => ({ file: process.execPath, args: ["-e", script], env });

test("hears both streams line by line, and the exit code", async () => {
  const lines: string[] = [];
  const result = await createCommandRunner()({
    ...nodeRunning(
      "process.stdout.write('a\\nb'); process.stderr.write('c\\n'); process.exitCode = 3",
    ),
    limitMs: LONG_MS,
    onLine: (line) => lines.push(line),
  });
  expect(result).toMatchObject({ outcome: "exited", exitCode: 3, stdout: "a\nb" });
  expect(lines.join("")).toHaveLength(3);
  expect(result.output).toContain("c");
});

test("a program that is not there is a result, not an exception", async () => {
  const result = await createCommandRunner()({
    file: "no-such-program-here",
    args: [],
    env,
    limitMs: LONG_MS,
  });
  expect(result).toMatchObject({ outcome: "not_started", exitCode: -1 });
});

test("a program that takes too long is ended", async () => {
  const result = await createCommandRunner()({
    ...nodeRunning("setInterval(() => {}, 1000)"),
    limitMs: 20,
  });
  expect(result.outcome).toBe("too_slow");
  expect(lastLineOf(result)).toBe("it took too long and was ended");
});

test("an interrupt ends the program and the children that it started", async () => {
  const interrupt = new AbortController();
  const script =
    "const c = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);" +
    "console.log(c.pid); setInterval(() => {}, 1000)";
  let grandchild = 0;
  const running = createCommandRunner(interrupt.signal)({
    ...nodeRunning(script),
    limitMs: LONG_MS,
    onLine: (line) => {
      grandchild = Number(line);
      interrupt.abort();
    },
  });
  await expect(running).rejects.toMatchObject({ code: "interrupted" });
  expect(grandchild).toBeGreaterThan(0);
  await gone(grandchild);
});

/** Resolves when a process has ended; the test's own time limit is the only one. */
async function gone(pid: number): Promise<void> {
  while (isThere(pid)) await new Promise((resolve) => setImmediate(resolve));
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("nothing is started after an interrupt", async () => {
  const run = createCommandRunner(AbortSignal.abort());
  await expect(run({ ...nodeRunning(""), limitMs: LONG_MS })).rejects.toMatchObject({
    code: "interrupted",
  });
});

test.each(Object.keys(TROUBLE) as TroubleCode[])(
  "%s is told in one line that says what to do",
  (code) => {
    const { message } = new ToolchainError(code, "first line\nsecond line");
    expect(message).not.toContain("\n");
    expect(message).toContain("(first line second line). What to do: ");
  },
);
