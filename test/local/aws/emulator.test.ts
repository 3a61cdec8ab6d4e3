import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type Emulator,
  EmulatorError,
  faketimeEnvironment,
  freePort,
  startEmulator,
} from "../../../local/aws/emulator";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-test-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a script in Python's place; it gets the same environment and folder. */
function startScript(script: string): Promise<Emulator> {
  const python = join(folder, "python");
  writeFileSync(python, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return start(python);
}

function start(python: string): Promise<Emulator> {
  return startEmulator({
    python,
    nodeBinDir: dirname(process.execPath),
    faketime: undefined,
    functionEnvironment: { AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    logFile: join(folder, "emulator.log"),
    stateDir: join(folder, "state"),
  });
}

const SERVER = `exec '${process.execPath}' -e 'require("http").createServer((q, r) => r.end(JSON.stringify(process.env))).listen(process.env.GATEWAY_PORT, "127.0.0.1")'`;

async function errorOf(attempt: Promise<Emulator>): Promise<unknown> {
  return attempt.then((emulator) => emulator.stop()).catch((error: unknown) => error);
}

test("a process that ends at once is one error with the end of its log", async () => {
  const error = await errorOf(
    startScript("echo 'start_ministack: ministack 1.5.33 is needed' >&2; exit 3"),
  );
  expect(error).toBeInstanceOf(EmulatorError);
  expect((error as Error).message).toBe(
    "the AWS emulator ended (exit code 3). Its log ends:\nstart_ministack: ministack 1.5.33 is needed",
  );
});

test("a Python that is not there is one error too", async () => {
  const error = await errorOf(start(join(folder, "nowhere")));
  expect((error as Error).message).toMatch(/^the AWS emulator could not be started \(.*ENOENT/);
});

test("a port that was taken in the meantime is tried again with another", async () => {
  const count = join(folder, "count");
  const emulator = await startScript(
    `echo x >> ${count}; if [ $(wc -l < ${count}) -lt 3 ]; then echo "ERROR: 127.0.0.1:$GATEWAY_PORT is already in use."; exit 1; fi; ${SERVER}`,
  );
  await emulator.stop();
});

test("no port at all is given up after three tries", async () => {
  const error = await errorOf(startScript("echo 'ERROR: 127.0.0.1:1 is already in use.'; exit 1"));
  expect((error as Error).message).toMatch(/already in use/);
});

test("functions inherit what is theirs and nothing of this process", async () => {
  process.env["AWS_PROFILE"] = "mine";
  try {
    const emulator = await startScript(SERVER);
    const environment = (await (await fetch(emulator.url)).json()) as Record<string, string>;
    await emulator.stop();
    expect(environment["AWS_ENDPOINT_URL"]).toBe("http://127.0.0.1:1");
    expect(environment["PATH"]?.split(":")[0]).toBe(dirname(process.execPath));
    expect(environment["AWS_PROFILE"]).toBeUndefined();
    expect(environment["TMPDIR"]).toBe(join(folder, "state", "tmp"));
  } finally {
    delete process.env["AWS_PROFILE"];
  }
});

test("stop ends the whole group, may be called twice, and says so", async () => {
  const worker = join(folder, "worker");
  const emulator = await startScript(`sleep 1000 & echo $! > ${worker}; ${SERVER}`);
  expect(isRunning(readFileSync(worker, "utf8").trim())).toBe(true);
  await emulator.stop();
  await emulator.stop();
  expect(await emulator.ended).toBe("ended (SIGKILL)");
  // Killed with its group, but a busy machine takes a moment to end it; one that lives on is the test's time-out.
  while (isRunning(readFileSync(worker, "utf8").trim())) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

/** A process that has ended but was not yet collected by its parent does not run. */
function isRunning(pid: string): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}

test("a free port is free", async () => {
  const port = await freePort();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await new Promise((resolve) => server.close(resolve));
});

test("the movable clock is read at every call and leaves timers alone", () => {
  expect(faketimeEnvironment({ library: "/lib.so", file: "/clock" })).toEqual({
    LD_PRELOAD: "/lib.so",
    FAKETIME_TIMESTAMP_FILE: "/clock",
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_FORCE_MONOTONIC_FIX: "0",
  });
  expect(faketimeEnvironment(undefined)).toEqual({});
});
