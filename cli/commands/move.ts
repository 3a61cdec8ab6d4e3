import { dirname, join } from "node:path";
import { originOf } from "../../contract/names";
import { plural } from "../../contract/plural";
import { UP } from "../../contract/up";
import type { Call, Command, Typed } from "../command";
import { EXIT } from "../exit-codes";
import { atOnce } from "../fleet/at-once";
import { readFleet } from "../fleet/fleet";
import { LISTS_LAG } from "../fleet/lists-lag";
import type { StoreSeen } from "../fleet/store-view";
import { ConfigText, refuseTable, type Way } from "../move/config-text";
import { ListText, type StoreEntry } from "../move/list-text";
import { writeResult } from "../print/json";
import { Refusal, usageError } from "../refusal";

/** `move`: brings stores from config to the list or back in two steps, with an `up` after each. */
export const move: Command = {
  name: "move",
  usage: "--to-list | --to-config <store…>",
  takes: "stores",
  summary: "move stores from config to the list, or back, without touching their secrets",
  options: {
    "to-list": { type: "boolean", help: "from config to the list" },
    "to-config": { type: "boolean", help: "from the list to config" },
    all: { type: "boolean", help: "all stores, in the place of their names" },
    file: {
      type: "string",
      value: "Pulumi.<stack>.yaml",
      help: "the stack's config file, beside which the list and storesFile are found",
    },
  },
  judge({ words, flag, text }) {
    const help = "shopify-secrets move --help";
    if (flag("to-list") === flag("to-config")) {
      throw usageError("say --to-list or --to-config", help);
    }
    if (flag("all") === words.length > 0) throw usageError("name stores, or --all", help);
    if (text("file") === undefined) {
      throw usageError("say which stack's config is changed: --file Pulumi.<stack>.yaml", help);
    }
  },
  async run(call) {
    const way: Way = call.flag("to-list") ? "to-list" : "to-config";
    const files = await readFiles(call);
    const { keys, isBegun } = chosen(call, way, files);
    const step = STEPS[way][isBegun ? "finish" : "begin"];
    const next = await step({ call, files, keys });
    await writeFiles(call, files);
    const stage = isBegun ? "moved" : "on their way";
    writeResult(call, { way, stores: keys, stage, next }, () => textOf(keys, stage, next));
    return EXIT.well;
  },
};

interface Files {
  readonly configFile: string;
  readonly storesFile: string | undefined;
  readonly listFile: string;
  readonly config: ConfigText;
  readonly list: ListText;
}

async function readFiles({ text, host }: Call): Promise<Files> {
  const configFile = text("file") ?? "";
  const folder = dirname(configFile);
  const own = await host.readFile(configFile);
  const first = new ConfigText(own, undefined);
  const listName = first.setting("fleet", "list");
  if (typeof listName !== "string") {
    throw new Refusal(
      `${configFile} names no list`,
      "pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl, with an empty file of that name, then the same command",
    );
  }
  const storesName = first.setting("storesFile");
  const storesFile = typeof storesName === "string" ? join(folder, storesName) : undefined;
  if (storesFile !== undefined) refuseTable(storesFile);
  const stores = storesFile === undefined ? undefined : await host.readFile(storesFile);
  const listFile = join(folder, listName);
  const list = new ListText(listFile, await host.readFile(listFile));
  return { configFile, storesFile, listFile, config: new ConfigText(own, stores), list };
}

/** The list first: a store that stands in both is refused by preview, and one that stands in neither would be lost. */
async function writeFiles({ host }: Call, files: Files): Promise<void> {
  const { config, list, storesFile } = files;
  await host.writeFile(files.listFile, String(list));
  if (storesFile !== undefined) await host.writeFile(storesFile, config.storesFile ?? "");
  await host.writeFile(files.configFile, config.config);
}

/** The stores that are meant, all of them before their first step, or all after it. */
function chosen(
  { words, flag }: Typed,
  way: Way,
  { config, list }: Files,
): { readonly keys: readonly string[]; readonly isBegun: boolean } {
  const begun = config.moving(way);
  if (flag("all")) {
    const fresh = way === "to-list" ? [...config.stores().keys()] : listedOnly(config, list);
    const keys = begun.length > 0 ? begun : fresh;
    if (keys.length === 0) throw new Refusal("there is no store to move", "shopify-secrets status");
    return { keys, isBegun: begun.length > 0 };
  }
  const isBegun = words.every((word) => begun.includes(word));
  const half = isBegun ? undefined : words.find((word) => begun.includes(word));
  if (half === undefined) return { keys: [...new Set(words)], isBegun };
  throw new Refusal(
    `${half} has begun to move, and others that are named have not`,
    `shopify-secrets move --${way} ${half}, and the others in a command of their own`,
  );
}

function listedOnly(config: ConfigText, list: ListText): readonly string[] {
  const stores = config.stores();
  return list.keys().filter((key) => !stores.has(key));
}

interface Step {
  readonly call: Call;
  readonly files: Files;
  readonly keys: readonly string[];
}

/** Each changes the texts of the files, and gives what comes next. */
type Act = (step: Step) => Promise<string>;

const STEPS: Readonly<Record<Way, { readonly begin: Act; readonly finish: Act }>> = {
  "to-list": {
    begin: async ({ call, files, keys }) => {
      const stores = files.config.stores();
      for (const key of keys) {
        const declared = stores.get(key) ?? refuseUnknown(key, "config does not declare");
        refuseOfConfig(key, declared);
        if (!files.list.has(key)) files.list.add(key, declared);
      }
      files.config.setMoving("to-list", [...files.config.moving("to-list"), ...keys]);
      return `${UP}, then ${again(call)}`;
    },
    finish: async (step) => {
      const { files, keys } = step;
      await requireDeployed(step, "listed");
      for (const key of keys) files.config.removeStore(key);
      files.config.setMoving("to-list", without(files.config.moving("to-list"), keys));
      return `${UP}, then shopify-secrets apply`;
    },
  },
  "to-config": {
    begin: async ({ call, files, keys }) => {
      const found = await secretsOf(call, keys);
      for (const key of keys) {
        const declared = files.list.entryOf(key) ?? refuseUnknown(key, "the list does not name");
        files.config.addStore(key, { ...declared, adopt: found.get(key)?.secretArn });
      }
      files.config.setMoving("to-config", [...files.config.moving("to-config"), ...keys]);
      return `${UP}, then ${again(call)}`;
    },
    finish: async (step) => {
      const { files, keys } = step;
      await requireDeployed(step, undefined);
      files.list.remove(new Set(keys));
      for (const key of keys) files.config.settle(key);
      files.config.setMoving("to-config", without(files.config.moving("to-config"), keys));
      return UP;
    },
  },
};

function without(all: readonly string[], some: readonly string[]): string[] {
  const gone = new Set(some);
  return all.filter((key) => !gone.has(key));
}

function refuseUnknown(key: string, why: string): never {
  throw new Refusal(`${why} ${key}`, "shopify-secrets status, which lists the stores");
}

const OF_CONFIG = ["readers", "protect", "secretName", "formerly"];

function refuseOfConfig(key: string, declared: StoreEntry): void {
  const own = OF_CONFIG.find((name) => declared[name] !== undefined);
  if (own === undefined) return;
  throw new Refusal(
    `${key} has ${own}, which a list cannot say`,
    `take ${own} out of the store, ${UP}, then the same command`,
  );
}

/** The secrets of stores, as they are now. */
async function secretsOf(
  call: Call,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoreSeen>> {
  const wanted = new Set(keys);
  const fleet = (await readFleet(call)).filter(({ store }) => wanted.has(store));
  const lacking = keys.find((key) => !fleet.some(({ store }) => store === key));
  if (lacking !== undefined) {
    throw new Refusal(
      `${lacking} has no secret yet`,
      `shopify-secrets status ${lacking} (${LISTS_LAG})`,
    );
  }
  return new Map(fleet.map((seen) => [seen.store, seen]));
}

/** Refuses the second step as long as the first was not deployed: then the state would still hold the stores, or not yet. */
async function requireDeployed(
  { call, keys }: Step,
  origin: ReturnType<typeof originOf>,
): Promise<void> {
  const found = await secretsOf(call, keys);
  const fresh = await atOnce([...found.values()], async ({ store, secretArn }) => ({
    store,
    secret: await call.aws.secrets.find(secretArn),
  }));
  const behind = fresh.filter(
    ({ secret }) => secret === undefined || originOf(secret.facts) !== origin,
  );
  const [first] = behind;
  if (first === undefined) return;
  throw new Refusal(
    `${plural(behind.length, "store")} took no first step yet, such as ${first.store}`,
    `${UP}, then ${again(call)}`,
  );
}

function again({ flag, words, text }: Typed): string {
  const way = flag("to-list") ? "--to-list" : "--to-config";
  const which = flag("all") ? "--all" : words.join(" ");
  return `shopify-secrets move ${way} ${which} --file ${text("file")}`;
}

function textOf(keys: readonly string[], stage: string, next: string): string {
  return `${plural(keys.length, "store")} ${stage}.\nNext: ${next}\n`;
}
