import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ensureEntry, type FilledEntry, removeTree, requireFreeSpace } from "./cache";
import { buildGoTools, type GoTool } from "./engine-from-go";
import { type Machine, platformName, thisMachine } from "./machine";
import type { Progress } from "./progress";
import { findPython, installPythonPackages } from "./python";
import {
  ENGINE_VERSION,
  GO_HOST_VERSION,
  PYTHON_HOST_VERSION,
  PYTHON_SDK_VERSION,
  YAML_HOST_VERSION,
} from "./versions";

/** What runs Pulumi programs in YAML, Python and Go, and makes SDKs for them. */
export interface Languages {
  /** Put these folders first on PATH: the hosts, and a Python with Pulumi's SDK. */
  readonly binDirs: readonly string[];
  /** `sdk-generator <python|go|nodejs> <schema.json> <folder>`. */
  readonly sdkGenerator: string;
}

const MODULES = join(__dirname, "language-module");
const REQUIREMENTS = join(__dirname, "python-sdk-requirements.txt");
const NEEDS_GIB = 5;
const PYTHONS = { oldest: 10, newest: 14 };

const TOOLS: readonly GoTool[] = [
  {
    folder: join(MODULES, "yaml-host"),
    target: "tool",
    title: `Pulumi's YAML host ${YAML_HOST_VERSION}`,
    version: YAML_HOST_VERSION,
    packages: 670,
  },
  {
    folder: join(MODULES, "python-host"),
    target: "tool",
    title: `its Python host ${PYTHON_HOST_VERSION}`,
    version: PYTHON_HOST_VERSION,
    packages: 260,
  },
  {
    folder: join(MODULES, "go-host"),
    target: "tool",
    title: `its Go host ${GO_HOST_VERSION}`,
    version: GO_HOST_VERSION,
    packages: 10,
  },
  {
    folder: join(MODULES, "sdk-generator"),
    target: ".",
    title: "its generator of SDKs",
    version: ENGINE_VERSION,
    packages: 1_100,
  },
];

const FILES = [
  "pulumi-language-yaml",
  "pulumi-language-python",
  "pulumi-language-python-exec",
  "pulumi-language-go",
  "sdk-generator",
].map((name) => join("bin", name));

/** Finds the hosts in the cache, or builds them there from pinned modules; minutes, once. Throws a ToolchainError. */
export async function ensureLanguages(
  progress: Progress,
  machine: Machine = thisMachine(),
): Promise<Languages> {
  try {
    const fill = (folder: string) => fillLanguages(machine, folder, progress);
    const entry = await ensureEntry(machine, { name: entryName(machine), fill }, progress);
    const binDirs = [join(entry.folder, "python", "bin"), join(entry.folder, "bin")];
    return { binDirs, sdkGenerator: join(entry.folder, "bin", "sdk-generator") };
  } finally {
    progress.close();
  }
}

function entryName(machine: Machine): string {
  const versions = [YAML_HOST_VERSION, PYTHON_HOST_VERSION, ENGINE_VERSION, PYTHON_SDK_VERSION];
  return `languages-${versions.join("-")}-${platformName(machine)}`;
}

async function fillLanguages(
  machine: Machine,
  folder: string,
  progress: Progress,
): Promise<FilledEntry> {
  await requireFreeSpace(machine, folder, NEEDS_GIB);
  const scratch = join(folder, "scratch");
  await mkdir(scratch);
  await buildGoTools(machine, { folder, scratch, tools: TOOLS }, progress);
  // The host starts programs with a script beside it, which the module has and no build copies.
  await copyFile(
    join(scratch, "gopath/pkg/mod", PYTHON_EXEC),
    join(folder, "bin", "pulumi-language-python-exec"),
  );
  progress.step(`Pulumi's SDK for Python ${PYTHON_SDK_VERSION}: installing it with pip`);
  await installPythonPackages(machine, await findPython(machine, PYTHONS), {
    environment: join(folder, "python"),
    requirements: REQUIREMENTS,
    otherwise: "languages_install_failed",
    progress,
  });
  progress.done();
  await removeTree(scratch);
  return { files: [...FILES, join("python", "bin", "python3")], facts: {} };
}

const PYTHON_EXEC = `github.com/pulumi/pulumi/sdk/v3@v${PYTHON_HOST_VERSION}/python/cmd/pulumi-language-python-exec`;
