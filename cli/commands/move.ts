import { dirname, join } from "node:path";
import { LISTED } from "../../contract/names";
import { plural } from "../../contract/plural";
import { UP } from "../../contract/up";
import type { Call, Command, Typed } from "../command";
import { EXIT } from "../exit-codes";
import { listable, refuseOtherwise, requireNamed } from "../move/both";
import { ConfigText, refuseTable, type Way } from "../move/config-text";
import { requireDeployed, requireStored, secretsToMove } from "../move/deployed";
import { ListText } from "../move/list-text";
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
    const next = await step({ call, files, keys, again: again(call) });
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
  const given = async (file: string) => ({ file, text: await host.readFile(file) });
  const own = await given(configFile);
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
  const stores = storesFile === undefined ? undefined : await given(storesFile);
  const listFile = join(folder, listName);
  const list = new ListText(listFile, await host.readFile(listFile));
  return { configFile, storesFile, listFile, config: new ConfigText(own, stores), list };
}

/** The list first: a store that stands in both is refused by preview, and one that stands in neither would be lost. */
async function writeFiles({ host }: Call, files: Files): Promise<void> {
  const { storesFile, list } = files;
  // All are made before one is written: a file may turn out to be none.
  const { config, storesFile: stores = "" } = files.config;
  await host.writeFile(files.listFile, String(list));
  if (storesFile !== undefined) await host.writeFile(storesFile, stores);
  await host.writeFile(files.configFile, config);
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
  /** The command that takes it, also after a deployment. */
  readonly again: string;
}

/** Each changes the texts of the files, and gives what comes next. */
type Act = (step: Step) => Promise<string>;

const STEPS: Readonly<Record<Way, { readonly begin: Act; readonly finish: Act }>> = {
  "to-list": {
    begin: async ({ files, keys, again }) => {
      const stores = files.config.stores();
      for (const key of keys) {
        const declared = stores.get(key) ?? refuseUnknown(key, "config does not declare");
        const wanted = listable(key, declared);
        const there = files.list.entryOf(key);
        if (there === undefined) files.list.add(key, wanted);
        else refuseOtherwise(key, there, wanted);
      }
      files.config.setMoving("to-list", [...files.config.moving("to-list"), ...keys]);
      return `${UP}, then ${again}`;
    },
    finish: async (step) => {
      const { files, keys } = step;
      requireNamed(keys, new Set(files.list.keys()), "the list");
      requireStored(await requireDeployed(step, LISTED), files.config.tokens());
      files.config.removeStores(keys);
      files.config.setMoving("to-list", without(files.config.moving("to-list"), keys));
      return `${UP}, then shopify-secrets apply`;
    },
  },
  "to-config": {
    begin: async ({ call, files, keys, again }) => {
      const found = await secretsToMove(call, keys);
      const stores = files.config.stores();
      for (const key of keys) {
        const declared = files.list.entryOf(key) ?? refuseUnknown(key, "the list does not name");
        const there = stores.get(key);
        if (there !== undefined) refuseOtherwise(key, there, declared);
        files.config.addStore(key, { ...(there ?? declared), adopt: found.get(key)?.secretArn });
      }
      files.config.setMoving("to-config", [...files.config.moving("to-config"), ...keys]);
      return `${UP}, then ${again}`;
    },
    finish: async (step) => {
      const { files, keys } = step;
      requireNamed(keys, new Set(files.config.stores().keys()), "config");
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

function again({ flag, words, text }: Typed): string {
  const way = flag("to-list") ? "--to-list" : "--to-config";
  const which = flag("all") ? "--all" : words.join(" ");
  return `shopify-secrets move ${way} ${which} --file ${text("file")}`;
}

function textOf(keys: readonly string[], stage: string, next: string): string {
  const shown = keys.length === 1 ? stage.replace("their", "its") : stage;
  return `${plural(keys.length, "store")} ${shown}.\nNext: ${next}\n`;
}
