import { isTableFile, LISTED_KEYS, readListLines } from "../../contract/listed/list-lines";
import { MOST_AT_ONCE } from "../../contract/listed/list-steps";
import { looksSecret } from "../../contract/secret-look";
import type { Claims } from "./claims";
import { unreadable } from "./named-file";
import { ConfigNode, type Problem } from "./node";
import { keyRule } from "./parse-apps";
import { parseStore, type StoreContext } from "./parse-stores";
import type { ListedFleet, StoreSpec } from "./spec";

/** The keys of `fleet` in config. */
export const FLEET_KEYS = ["list", "retireAtMost", "toleratedFailures", "concurrency"] as const;

/** The lines of a list, by its name as config has it; throws where there is no such file. */
export type ReadLines = (file: string) => Iterable<string>;

/** What a list is read with. */
export interface ListContext extends StoreContext {
  /** Undefined: nobody reads files here. */
  readonly readLines: ReadLines | undefined;
  /** Tells the problems of a list's lines. */
  readonly problems: Problem[];
  readonly claims: Claims;
  /** The keys of the stores of config. */
  readonly declared: ReadonlySet<string>;
}

const DEFAULT_RETIRE_AT_MOST = 10;
const DEFAULT_TOLERATED_FAILURES = 20;
const DEFAULT_CONCURRENCY = 20;
const PROBLEMS_SHOWN = 50;

/** What stands in config alone, and where a list's user goes with it. */
const OF_CONFIG = "is for stores of config: take it out of the list, or declare the store there";
const NOT_IN_A_LIST = {
  accessToken:
    "stands in plain text: it is no secret any more, so replace it at Shopify, take it out of the list, and once the list is applied: shopify-secrets put --from tokens.csv",
  readers: OF_CONFIG,
  protect: OF_CONFIG,
  secretName: OF_CONFIG,
  formerly: OF_CONFIG,
  adopt: OF_CONFIG,
};

/** The stores that a list names, checked as those of config are; undefined: config names no list. */
export function parseListedFleet(node: ConfigNode, context: ListContext): ListedFleet | undefined {
  if (node.isAbsent) return undefined;
  node.allowKeys(FLEET_KEYS);
  const retireAtMost = percentIn(node.child("retireAtMost"), DEFAULT_RETIRE_AT_MOST);
  const toleratedFailures = percentIn(node.child("toleratedFailures"), DEFAULT_TOLERATED_FAILURES);
  const concurrency = concurrencyIn(node.child("concurrency"));
  const list = node.child("list");
  const file = list.requiredText("the file of stores, such as stores.jsonl or stores.csv");
  if (file === undefined) return undefined;
  if (!/\.(?:jsonl|csv)$/i.test(file)) {
    return list.report("must name a .jsonl or a .csv file");
  }
  if (context.readLines === undefined) {
    return list.report("is read by this package's own program: deploy the list from a checkout");
  }
  const settings = { file, retireAtMost, toleratedFailures, concurrency };
  return { ...settings, stores: storesIn(list, file, { ...context, read: context.readLines }) };
}

function percentIn(node: ConfigNode, fallback: number): number {
  const percent = node.number() ?? fallback;
  if (percent < 0 || percent > 100) node.report("must be a share of 0 to 100 percent");
  return percent;
}

function concurrencyIn(node: ConfigNode): number {
  const stores = node.number() ?? DEFAULT_CONCURRENCY;
  const isAllowed = Number.isInteger(stores) && stores >= 1 && stores <= MOST_AT_ONCE;
  if (!isAllowed) node.report(`must be 1 to ${MOST_AT_ONCE} stores at once`);
  return stores;
}

interface Reading extends ListContext {
  readonly read: ReadLines;
}

function storesIn(list: ConfigNode, file: string, context: Reading): StoreSpec[] {
  const problems: Problem[] = [];
  const found = new Map<string, StoreSpec>();
  const { words } = list;
  try {
    for (const { line, content } of readListLines(isTableFile(file), context.read(file))) {
      const path = `${file}:${line}`;
      const whole = new ConfigNode(path, {}, { problems, words });
      if ("wrong" in content) whole.report(content.wrong);
      else {
        const row = new ConfigNode(path, content.rest, { problems, words });
        const store = parseLine(row, content.store, { ...context, path });
        for (const says of store === undefined ? [] : wrongBeside(store, found, context)) {
          row.report(says);
        }
        if (store !== undefined) found.set(store.key, store);
      }
    }
  } catch (error) {
    if (typeof error !== "object" || error === null || !("syscall" in error)) throw error;
    list.report(unreadable(file));
    return [];
  }
  if (found.size === 0 && problems.length === 0) {
    context.warn(
      `${file} names no store: shopify-secrets apply would retire every store of the list`,
    );
  }
  context.problems.push(...shown(problems, file));
  return [...found.values()];
}

/** What is wrong with a store because of another. */
function wrongBeside(
  store: StoreSpec,
  found: ReadonlyMap<string, StoreSpec>,
  { claims, declared }: ListContext,
): string[] {
  const { key } = store;
  if (found.has(key)) return [`names store ${key} a second time: keep one of the lines`];
  if (declared.has(key))
    return [`names store ${key}, which stands in config as well: keep one of them`];
  return claims.add(store);
}

function parseLine(
  row: ConfigNode,
  key: unknown,
  { path, ...context }: Reading & { readonly path: string },
): StoreSpec | undefined {
  if (typeof key !== "string" || key === "" || looksSecret(key)) {
    return row.report(`names no store: ${keyRule("store")}`);
  }
  const warn = (warning: string) => context.warn(warning.replace(`${path}:`, `${path} (${key}):`));
  return parseStore(key, row, { ...context, warn, keys: LISTED_KEYS, elsewhere: NOT_IN_A_LIST });
}

/** Whoever has thousands of them has made one mistake thousands of times. */
function shown(problems: readonly Problem[], path: string): Problem[] {
  const more = problems.length - PROBLEMS_SHOWN;
  if (more <= 0) return [...problems];
  return [...problems.slice(0, PROBLEMS_SHOWN), { path, says: `has ${more} problems more` }];
}
