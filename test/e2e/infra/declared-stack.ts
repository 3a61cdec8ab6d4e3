import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type StoreOutput, storesIn } from "../../../local/demo/stack";
import { DEV_APPS, DEV_PASSPHRASE } from "../../../local/world/dev-fixtures";
import type { Engine, EngineRun, OnLine } from "../../../local/world/pulumi";
import type { World } from "../../../local/world/world";
import { PassphraseCrypter } from "../../infra/passphrase";

const PROJECT = join(__dirname, "../../..");
const SECRET_KEYS = ["clientSecrets", "previousClientSecrets", "accessTokens"];

/** What a test declares: the keys of our config, secrets in plain text. */
export type Declared = Readonly<Record<string, unknown>>;

const { fulfilment, catalog } = DEV_APPS;

/** Both apps of the imitation, as config declares them. */
export const BOTH_APPS = {
  apps: {
    fulfilment: { clientId: fulfilment.clientId },
    catalog: { clientId: catalog.clientId, distribution: "custom" },
  },
  clientSecrets: { fulfilment: fulfilment.clientSecret, catalog: catalog.clientSecret },
} as const;

export interface StackOptions {
  /** The folder of Pulumi.yaml. Default: this project's. */
  readonly projectDir?: string;
  /** Whoever runs the engine. Default: the account's owner. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** The engine's own settings on top. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told every line of an `up` while it goes on. */
  readonly onLine?: OnLine;
}

/** The stack `dev` of a world under a config of the test's own. */
export class DeclaredStack {
  readonly engine: Engine;
  readonly configFile: string;
  readonly #salt: string;
  readonly #crypter: PassphraseCrypter;
  readonly #onLine: OnLine | undefined;

  constructor(world: World, options: StackOptions = {}) {
    this.configFile = join(world.folder, "Pulumi.declared.yaml");
    const dev = parse(readFileSync(join(PROJECT, "Pulumi.dev.yaml"), "utf8")) as {
      encryptionsalt: string;
    };
    this.#salt = dev.encryptionsalt;
    this.#crypter = new PassphraseCrypter(DEV_PASSPHRASE, this.#salt);
    const { onLine, ...choice } = options;
    this.engine = world.engine({ ...choice, configFile: this.configFile });
    this.#onLine = onLine;
  }

  /** Writes the stack's config, the secrets encrypted. */
  declare(declared: Declared): void {
    const own = Object.entries(declared).map(([key, value]) => [
      `shopify-secrets:${key}`,
      SECRET_KEYS.includes(key) ? this.#encryptAll(value as Record<string, string>) : value,
    ]);
    const config = {
      "aws:region": "us-east-1",
      "aws:allowedAccountIds": ["000000000000"],
      ...Object.fromEntries(own),
    };
    writeFileSync(this.configFile, stringify({ config, encryptionsalt: this.#salt }));
  }

  #encryptAll(values: Readonly<Record<string, string>>): Record<string, { secure: string }> {
    const entries = Object.entries(values);
    return Object.fromEntries(
      entries.map(([name, value]) => [name, { secure: this.#crypter.encrypt(value) }]),
    );
  }

  /** `pulumi up` as every document says it. */
  up(...options: string[]): Promise<EngineRun> {
    return this.upStoppingAtOnce("--continue-on-error", ...options);
  }

  /** `pulumi up` as the engine does it unless told otherwise. */
  upStoppingAtOnce(...options: string[]): Promise<EngineRun> {
    const command = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...options];
    return this.engine.run(command, this.#onLine);
  }

  preview(...options: string[]): Promise<EngineRun> {
    return this.engine.run(["preview", "--suppress-outputs", ...options]);
  }

  /** Runs a command that has to succeed, and returns what it printed. */
  async must(run: Promise<EngineRun>): Promise<string> {
    const { exitCode, output } = await run;
    if (exitCode !== 0) throw new Error(`pulumi failed:\n${output}`);
    return output;
  }

  async stores(): Promise<Readonly<Record<string, StoreOutput>>> {
    return storesIn(await this.must(this.engine.run(["stack", "output", "--json"])));
  }
}

/** What differs, by resource and property: `{"rotate-log": ["retentionInDays"]}`. */
export function differencesIn(output: string): Record<string, string[]> {
  const lines = output.matchAll(/^ *~ +aws:\S+ (\S+) .*\[diff: ([^\]]+)\]/gm);
  const found = [...lines].map(([, name = "", diff = ""]) => {
    const properties = diff.split(",").map((property) => property.replace(/^[~+-]/, ""));
    return [name, properties.sort()];
  });
  return Object.fromEntries(found);
}

/** What a run did, by resource: `+ aws:lambda:Invocation acme-enrolment`; `+-` stands for a replacement. */
export function changesIn(output: string): string[] {
  // The engine's dots of progress may stand before a line's own beginning.
  const lines = output.matchAll(/^(?:@ [a-z ]+\.*)? *(\+\+|\+-|--|[+~-]) +(aws:\S+) (\S+)/gm);
  const changes = [...lines].map(([, sign = "", type, name]) => {
    return `${sign.length === 2 ? "+-" : sign} ${type} ${name}`;
  });
  return [...new Set(changes)].sort();
}
