import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ensureLanguages, type Languages, SILENT_PROGRESS } from "../../../local/toolchain";
import { DEV_APPS } from "../../../local/world/dev-fixtures";
import { Engine, type EngineRun } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";

const PROJECT = join(__dirname, "../../..");
const SCHEMA = join(PROJECT, "infra/package/schema.json");
export const CLIENT_SECRET = "shopify-secrets:clientSecrets.fulfilment";

/** The languages that a host runs here. */
export type Language = "yaml" | "python";

/** The file that a program of each language stands in. */
const SOURCES = { python: "__main__.py", yaml: "Pulumi.yaml" } as const;

/** The example of a language as a project of the world's own: a stack that is called like the language. */
export class Program {
  readonly folder: string;
  readonly engine: Engine;
  readonly #source: string;

  constructor(world: World, language: Language, languages: Languages) {
    this.folder = join(world.folder, `program-in-${language}`);
    cpSync(join(PROJECT, "examples", language), this.folder, { recursive: true });
    this.#source = join(this.folder, SOURCES[language]);
    const environment = environmentOf(world, languages);
    if (language === "python") environment["PYTHONPATH"] = pythonSdk(world, languages);
    this.engine = new Engine({ projectDir: this.folder, stack: language, environment });
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
    writeFileSync(this.#source, changed);
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

/** The hosts of the languages, from the cache. */
export function languagesHere(): Promise<Languages> {
  return ensureLanguages(SILENT_PROGRESS);
}

/** The package's SDK for Python as an installation leaves it: its modules, and the metadata beside them. */
function pythonSdk(world: World, { sdkGenerator }: Languages): string {
  const folder = join(world.folder, "python-sdk");
  execFileSync(sdkGenerator, ["python", SCHEMA, folder]);
  const { version } = JSON.parse(readFileSync(SCHEMA, "utf8")) as { version: string };
  const metadata = join(folder, `pulumi_shopify_secrets-${version}.dist-info`);
  mkdirSync(metadata, { recursive: true });
  writeFileSync(
    join(metadata, "METADATA"),
    `Metadata-Version: 2.1\nName: pulumi_shopify_secrets\nVersion: ${version}\n`,
  );
  return folder;
}
