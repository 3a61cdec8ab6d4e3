import { cpSync } from "node:fs";
import { join } from "node:path";
import { placeOfArn } from "../../contract/policy";
import { encodeReaderPolicy } from "../../contract/reader-policy";
import type { Engine, EngineRun, OnLine } from "../world/pulumi";
import type { World } from "../world/world";

const DEV_CONFIG = join(__dirname, "../../Pulumi.dev.yaml");

/** Nobody is asked, one bad store does not stop the others, and the outputs are read on their own. */
const UNATTENDED = ["--yes", "--skip-preview", "--continue-on-error", "--suppress-outputs"];

/** One store in the stack's `stores` output. */
export interface StoreOutput {
  readonly secretArn: string;
  readonly secretName: string;
  readonly kind: string;
  readonly shop: string;
  /** What an application that reads it may do, as `shopify-secrets reader-policy` prints it. */
  readonly readerPolicy: string;
}

interface StackOutputs {
  readonly kmsKeyArn: string;
  readonly stores: Readonly<Record<string, Omit<StoreOutput, "readerPolicy">>>;
}

/** The stores of a stack's outputs, which are JSON. */
export function storesIn(outputs: string): Readonly<Record<string, StoreOutput>> {
  const { kmsKeyArn, stores } = JSON.parse(outputs) as StackOutputs;
  return Object.fromEntries(
    Object.entries(stores).map(([key, store]) => {
      const { secretArn } = store;
      const place = placeOfArn(secretArn);
      const readerPolicy = encodeReaderPolicy({ place, secretArn, kmsKeyArn });
      return [key, { ...store, readerPolicy }];
    }),
  );
}

/** The stack `dev` in a world, with a copy of its config, so that the project's own file stays as it is. */
export class DevStack {
  readonly engine: Engine;

  constructor(world: World) {
    const configFile = join(world.folder, "Pulumi.dev.yaml");
    cpSync(DEV_CONFIG, configFile);
    this.engine = world.engine({ configFile });
  }

  async init(): Promise<void> {
    await this.must(["stack", "init"]);
  }

  up(onLine?: OnLine): Promise<EngineRun> {
    return this.engine.run(["up", ...UNATTENDED], onLine);
  }

  async stores(): Promise<Readonly<Record<string, StoreOutput>>> {
    return storesIn((await this.must(["stack", "output", "--json"])).output);
  }

  /** Declares one more store in the world's own copy of the config. */
  async declare(store: string, declared: Readonly<Record<string, string>>): Promise<void> {
    const settings = Object.entries(declared).flatMap(([key, value]) => [
      "--plaintext",
      `shopify-secrets:stores.${store}.${key}=${value}`,
    ]);
    await this.must(["config", "set-all", "--path", ...settings]);
  }

  async output(name: string): Promise<string> {
    return (await this.must(["stack", "output", name])).output.trim();
  }

  /** Sets a config secret in the world's own copy; only throw-away values may be given on a command line. */
  async setSecret(path: string, value: string): Promise<void> {
    await this.must(["config", "set", "--secret", "--path", path, value]);
  }

  destroy(onLine?: OnLine): Promise<EngineRun> {
    return this.engine.run(["destroy", ...UNATTENDED], onLine);
  }

  /** Runs a command that has to succeed. */
  async must(command: readonly string[]): Promise<EngineRun> {
    const run = await this.engine.run(command);
    if (run.exitCode !== 0) throw new Error(`pulumi ${command[0]} failed:\n${run.output}`);
    return run;
  }
}
