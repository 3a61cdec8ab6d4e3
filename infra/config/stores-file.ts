import {
  isTableFile,
  type ListLine,
  readListLines,
  STORES_TABLE,
} from "../../contract/listed/list-lines";
import { hasAppsHeading, isHeading } from "../../contract/stores-file";
import { namesFile, unreadable } from "./named-file";
import { ConfigNode, distinct, type Problem } from "./node";
import { oddKeySays } from "./plain-secrets";
import { readYaml, type YamlContent } from "./yaml-text";

/** Config with the stores of `storesFile` in `stores`. */
export interface MergedConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** Where a problem with a merged store has to be mended: in the file that the store stands in. */
  readonly locate: (problem: Problem) => Problem;
}

/**
 * Adds the stores of a YAML file or a CSV table to those of config, and apps of a file with headings; what stands in both
 * is a problem.
 */
export function mergeStoresFile(
  config: Readonly<Record<string, unknown>>,
  readFile: (file: string) => string,
): MergedConfig {
  const problems: Problem[] = [];
  const root = new ConfigNode("shopify-secrets:", config, problems);
  const fileNode = root.child("storesFile");
  const file = fileNode.text();
  if (file === undefined) return { config, problems, locate: (problem) => problem };
  const reading = parseStoresFile(fileNode, () => readFile(file));
  const listed = new ConfigNode(`${file}:`, reading?.value, problems);
  for (const way of reading?.oddKeys ?? []) {
    way.reduce((node, step) => node.child(step), listed).report(oddKeySays("this file"));
  }

  const parts = partsOf(listed);
  const paths = new Map<string, string>();
  const merged = (part: "apps" | "stores"): Record<string, unknown> => {
    const own = root.child(part).entries();
    const found = new Map(own.map(([key, node]) => [key, node.value]));
    for (const [key, node] of parts[part]) {
      if (found.has(key)) {
        node.report(`stands in shopify-secrets:${part} as well: keep one of them`);
      } else {
        found.set(key, node.value);
        paths.set(root.child(part).child(key).path, node.path);
      }
    }
    return Object.fromEntries(found);
  };
  const stores = merged("stores");
  const apps = parts.apps.length === 0 ? {} : { apps: merged("apps") };
  return {
    config: { ...config, ...apps, stores },
    problems: distinct(problems),
    locate: (problem) => located(problem, paths),
  };
}

/** The problem under the path of the file, when it lies in a store of the file. */
function located({ path, says }: Problem, paths: ReadonlyMap<string, string>): Problem {
  const ends = [...path.matchAll(/[.[]|$/g)].map(({ index }) => index).reverse();
  const end = ends.find((index) => paths.has(path.slice(0, index)));
  const inFile = end === undefined ? undefined : paths.get(path.slice(0, end));
  return { path: inFile === undefined ? path : inFile + path.slice(end), says };
}

type Entries = [string, ConfigNode][];

/** The stores of the file; with apps, under two headings as in config. */
function partsOf(listed: ConfigNode): { readonly apps: Entries; readonly stores: Entries } {
  const [apps, stores] = [listed.child("apps"), listed.child("stores")];
  if (hasAppsHeading(listed.value)) {
    for (const [key, node] of listed.entries()) {
      if (key !== "apps" && key !== "stores") {
        node.report("stands beside the headings apps and stores: put it under one of them");
      }
    }
    return { apps: apps.entries(), stores: stores.entries() };
  }
  if (!isHeading(stores.value)) return { apps: [], stores: listed.entries() };
  stores.report(
    "is no store: let the stores begin at the margin, or put the heading apps beside this one",
  );
  return { apps: [], stores: [] };
}

/** A table of stores, with a column for each key of a store and one for its own key, called `store`. */
function parseTable(node: ConfigNode, text: string): YamlContent | undefined {
  const named = namesFile(node.text() ?? "");
  if (text.trim() === "") {
    return node.report(
      `${named}, a table without a line: the first names the columns, such as ${STORES_TABLE.example}`,
    );
  }
  const stores = new Map<string, unknown>();
  for (const { line, content } of readListLines(true, [text])) {
    const says = wrongInTable(content, stores);
    if (says !== undefined) return node.report(`${named}${says}: see its line ${line}`);
    if ("rest" in content) stores.set(String(content.store), content.rest);
  }
  return { value: Object.fromEntries(stores), oddKeys: [], unknownTagLine: undefined };
}

function wrongInTable(
  content: ListLine["content"],
  stores: ReadonlyMap<string, unknown>,
): string | undefined {
  if ("wrong" in content) return `, which ${content.wrong}`;
  if (content.store === undefined) return ", in which a store has no key";
  const isAgain = stores.has(String(content.store));
  return isAgain ? ", in which a store stands twice" : undefined;
}

function parseStoresFile(node: ConfigNode, readText: () => string): YamlContent | undefined {
  const file = node.text() ?? "";
  let text: string;
  try {
    text = readText();
  } catch {
    return node.report(unreadable(file));
  }
  if (isTableFile(file)) return parseTable(node, text);
  const reading = readYaml(text);
  if ("wrong" in reading) return node.report(`${namesFile(file)}, which ${reading.wrong}`);
  const { unknownTagLine } = reading;
  if (unknownTagLine === undefined) return reading;
  return node.report(
    `${namesFile(file)}, which has a tag (!name) which says nothing here: see its line ${unknownTagLine}`,
  );
}
