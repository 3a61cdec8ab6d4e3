import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import {
  ensureGo,
  ensureLanguages,
  type Languages,
  SILENT_PROGRESS,
} from "../../../local/toolchain";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import { Engine, type EngineRun } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";

const PROJECT = join(__dirname, "../../..");
const SCHEMA = join(PROJECT, "infra/package/schema.json");
export const CLIENT_SECRET = "shopify-secrets:clientSecrets.fulfilment";

/** The file that the program of each example stands in. */
const SOURCES = {
  python: "__main__.py",
  yaml: "Pulumi.yaml",
  "yaml-parts": "Pulumi.yaml",
  go: "main.go",
} as const;

/** An example, by its folder. */
export type Example = keyof typeof SOURCES;

/** What the programs of all languages are run with. */
export interface Tools extends Languages {
  readonly go: string;
  /** A virtual environment of Python that has Pulumi's SDK. */
  readonly python: string;
  /** Variables of a program's terminal in the place of the usual ones. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** An example as a project of the world's own: a stack that is called like it. */
export class Program {
  readonly folder: string;
  readonly engine: Engine;
  readonly #source: string;

  constructor(world: World, example: Example, tools: Tools) {
    this.folder = join(world.folder, `program-in-${example}`);
    cpSync(join(PROJECT, "examples", example), this.folder, { recursive: true });
    this.#source = join(this.folder, SOURCES[example]);
    const environment = { ...environmentOf(world, tools), ...tools.environment };
    if (example === "python") {
      environment["PYTHONPATH"] ??= pythonSdk(world, tools);
      symlinkSync(tools.python, join(this.folder, "venv"));
    }
    if (example === "go") {
      completeGo(this.folder, tools);
      Object.assign(environment, goEnvironment(tools));
      environment["PATH"] =
        `${join(environment["GOROOT"] ?? "", "bin")}${delimiter}${environment["PATH"]}`;
    }
    this.engine = new Engine({ projectDir: this.folder, stack: example, environment });
  }

  get source(): string {
    return readFileSync(this.#source, "utf8");
  }

  /** Writes the program with some of it exchanged; what is exchanged has to be there. */
  change(...changes: readonly (readonly [string, string])[]): void {
    const changed = changes.reduce((text, [was, is]) => {
      if (!text.includes(was)) throw new Error(`the program has no ${was}`);
      return text.replace(was, is);
    }, this.source);
    this.write(changed);
  }

  write(source: string): void {
    writeFileSync(this.#source, source);
  }

  async begin(): Promise<void> {
    await this.must("stack", "init");
    await this.must("config", "set", "aws:region", "us-east-1");
    await this.must("config", "set", "clientId", DEV_APPS.fulfilment.clientId);
    await this.setClientSecret(DEV_APPS.fulfilment.clientSecret);
  }

  async setClientSecret(clientSecret: string): Promise<void> {
    await this.must("config", "set", "--secret", "--path", CLIENT_SECRET, clientSecret);
  }

  up(): Promise<EngineRun> {
    return this.engine.run(["up", "--yes", "--skip-preview", "--continue-on-error"]);
  }

  /** Runs a command of the engine that has to succeed, and returns what it printed. */
  async must(...command: string[]): Promise<string> {
    const { exitCode, output } = await this.engine.run(command);
    if (exitCode !== 0) throw new Error(`pulumi ${command.join(" ")} failed:\n${output}`);
    return output;
  }

  /** What the engine says when it refuses a preview. */
  async refusal(): Promise<string> {
    const { exitCode, output } = await this.engine.run(["preview"]);
    if (exitCode === 0) throw new Error(`nothing was refused:\n${output}`);
    return output;
  }
}

/** What a terminal has in which programs of other languages run. */
export function environmentOf(world: World, { binDirs }: Languages): Record<string, string> {
  return {
    HOME: world.folder,
    ...world.operatorEnvironment,
    ...world.clockEnvironment,
    PATH: [...binDirs, world.operatorEnvironment["PATH"] ?? ""].join(delimiter),
  };
}

/** The hosts of the languages, from the cache, and Go. */
export async function languagesHere(): Promise<Tools> {
  const languages = await ensureLanguages(SILENT_PROGRESS);
  const python = dirname(languages.binDirs[0] ?? "");
  return { ...languages, go: await ensureGo(SILENT_PROGRESS), python };
}

/** The package's SDK of a language, as the engine's generator makes it. */
export function makeSdk({ sdkGenerator }: Languages, language: string, folder: string): void {
  execFileSync(sdkGenerator, [language, SCHEMA, folder]);
}

/** Puts the SDK into a program's folder, with what `go mod tidy` pins. */
function completeGo(folder: string, tools: Tools): void {
  makeSdk(tools, "go", join(folder, "sdk"));
  cpSync(join(__dirname, "go-program"), folder, { recursive: true });
}

/** Go as this machine has it: the host compiles the program, and what was compiled before need not be again. */
function goEnvironment({ go }: Tools): Record<string, string> {
  const names = ["GOCACHE", "GOMODCACHE", "GOPROXY", "GOROOT", "GOSUMDB"];
  const values = JSON.parse(execFileSync(go, ["env", "-json", ...names], { encoding: "utf8" }));
  return { ...values, GOFLAGS: "-mod=readonly -buildvcs=false" };
}

/** The package's SDK for Python as an installation leaves it: its modules, and the metadata beside them. */
function pythonSdk(world: World, tools: Tools): string {
  const folder = join(world.folder, "python-sdk");
  makeSdk(tools, "python", folder);
  const { version } = JSON.parse(readFileSync(SCHEMA, "utf8")) as { version: string };
  describedAs(version, folder);
  return folder;
}

/** Puts the metadata beside the modules of a package, as an installation does. */
export function describedAs(version: string, folder: string): void {
  const metadata = join(folder, `pulumi_shopify_secrets-${version}.dist-info`);
  mkdirSync(metadata, { recursive: true });
  writeFileSync(
    join(metadata, "METADATA"),
    `Metadata-Version: 2.1\nName: pulumi_shopify_secrets\nVersion: ${version}\n`,
  );
}
