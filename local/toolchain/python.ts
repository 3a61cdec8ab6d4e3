import { join } from "node:path";
import { type CommandResult, lastLineOf, succeeded } from "./command";
import type { Machine } from "./machine";
import type { Progress } from "./progress";
import { saysDiskFull, ToolchainError, type TroubleCode } from "./trouble";

/** The Pythons that may be used: minor versions of Python 3, both included. */
export interface PythonRange {
  readonly oldest: number;
  readonly newest: number;
}

/** A set of pinned packages to install. */
export interface PythonPackages {
  /** The folder of the virtual environment. */
  readonly environment: string;
  /** A requirements file with the hash of every package. */
  readonly requirements: string;
  /** What a failure that has no better name is called. */
  readonly otherwise: TroubleCode;
  /** Hears what pip is at. */
  readonly progress: Progress;
}

const PROBE = [
  "import sys, importlib.util as u",
  "print(sys.version_info[0], sys.version_info[1], all(map(u.find_spec, ('venv', 'ensurepip'))))",
].join("\n");
const PROBE_LIMIT_MS = 20_000;
const VENV_LIMIT_MS = 3 * 60_000;
const PIP_LIMIT_MS = 15 * 60_000;

interface FoundPython {
  readonly file: string;
  readonly major: number;
  readonly minor: number;
  readonly makesEnvironments: boolean;
}

/** Finds a Python in the range that can make virtual environments; throws the `python_…` trouble that fits best. */
export async function findPython(machine: Machine, range: PythonRange): Promise<string> {
  const seen: FoundPython[] = [];
  for (const file of candidates(range)) {
    const found = await probe(machine, file);
    if (found === undefined) continue;
    if (isIn(range, found) && found.makesEnvironments) return found.file;
    seen.push(found);
  }
  throw troubleOf(seen, range);
}

/** Makes a virtual environment and installs the pinned packages into it. */
export async function installPythonPackages(
  machine: Machine,
  python: string,
  packages: PythonPackages,
): Promise<void> {
  const env = pythonEnvironment(machine.env);
  const { environment, requirements, progress } = packages;
  const made = await machine.run({
    file: python,
    args: ["-m", "venv", environment],
    env,
    limitMs: VENV_LIMIT_MS,
  });
  if (!succeeded(made)) throw judgePipFailure(made, "python_venv_missing");
  const installed = await machine.run({
    file: pythonOf(environment),
    args: [...PIP_INSTALL, "--requirement", requirements],
    env,
    limitMs: PIP_LIMIT_MS,
    onLine: (line) => progress.tick(gistOf(line)),
  });
  if (!succeeded(installed)) throw judgePipFailure(installed, packages.otherwise);
}

/** The beginning of a line of pip, such as `Downloading six-1.17.0-py2.py3-none-any.whl`. */
function gistOf(line: string): string {
  return (/^[^:(]*/.exec(line.trim())?.[0] ?? "").trim().slice(0, GIST_LENGTH);
}

const GIST_LENGTH = 60;

/** The interpreter of a virtual environment. */
export function pythonOf(environment: string): string {
  return join(environment, "bin", "python3");
}

/** The environment for Python: without what would lead pip or the modules elsewhere. */
export function pythonEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !MISLEADING.has(name));
  return { ...Object.fromEntries(kept), PIP_NO_INPUT: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" };
}

// Byte code is compiled later, with the paths of the final folder. Wheels only: no package of ours is built here.
const PIP_INSTALL = [
  "-m",
  "pip",
  "install",
  "--no-cache-dir",
  "--no-compile",
  "--progress-bar=off",
  "--only-binary=:all:",
  "--require-hashes",
  "--retries=2",
  "--timeout=20",
];

const MISLEADING: ReadonlySet<string> = new Set([
  "PYTHONHOME",
  "PYTHONPATH",
  "PYTHONUSERBASE",
  "PYTHONDONTWRITEBYTECODE",
  "__PYVENV_LAUNCHER__",
  "VIRTUAL_ENV",
  "PIP_PREFIX",
  "PIP_REQUIRE_VIRTUALENV",
  "PIP_TARGET",
  "PIP_USER",
]);

function candidates({ oldest, newest }: PythonRange): string[] {
  const numbered: string[] = [];
  for (let minor = newest; minor >= oldest; minor -= 1) numbered.push(`python3.${minor}`);
  return ["python3", ...numbered, "python"];
}

async function probe(machine: Machine, file: string): Promise<FoundPython | undefined> {
  const result = await machine.run({
    file,
    args: ["-c", PROBE],
    env: pythonEnvironment(machine.env),
    limitMs: PROBE_LIMIT_MS,
  });
  const [major, minor, makes] = result.stdout.trim().split(" ");
  if (!succeeded(result) || makes === undefined) return undefined;
  return {
    file,
    major: Number(major),
    minor: Number(minor),
    makesEnvironments: makes === "True",
  };
}

function isIn(range: PythonRange, { major, minor }: FoundPython): boolean {
  return major === 3 && minor >= range.oldest && minor <= range.newest;
}

function troubleOf(seen: readonly FoundPython[], range: PythonRange): ToolchainError {
  if (seen.length === 0) return new ToolchainError("python_missing");
  const named = (found: FoundPython) => `${found.file} is ${found.major}.${found.minor}`;
  const lame = seen.find((found) => isIn(range, found));
  if (lame !== undefined) return new ToolchainError("python_venv_missing", named(lame));
  return new ToolchainError("python_unsuitable", seen.map(named).join(", "));
}

const UNREACHABLE =
  /NewConnectionError|ConnectTimeoutError|ReadTimeoutError|Temporary failure in name resolution|Name or service not known|nodename nor servname|Could not fetch URL|Connection refused|Max retries exceeded|Network is unreachable|ProxyError|SSLError/;

function judgePipFailure(result: CommandResult, otherwise: TroubleCode): ToolchainError {
  const { output } = result;
  if (saysDiskFull(output)) return new ToolchainError("disk_full", lastLineOf(result));
  if (/DO NOT MATCH THE HASHES/.test(output))
    return new ToolchainError("download_altered", lastLineOf(result));
  if (UNREACHABLE.test(output)) return new ToolchainError("python_packages_unreachable");
  return new ToolchainError(otherwise, lastLineOf(result));
}
