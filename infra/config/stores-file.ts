import { LineCounter, parseDocument } from "yaml";
import { ConfigNode, type Problem } from "./node";

/** Config with the stores of `storesFile` in `stores`. */
export interface MergedConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
}

/** Adds the stores of a YAML file to those of config; a store that stands in both is a problem. */
export function mergeStoresFile(
  config: Readonly<Record<string, unknown>>,
  readFile: (file: string) => string,
): MergedConfig {
  const problems: Problem[] = [];
  const root = new ConfigNode("shopify-secrets:", config, problems);
  const fileNode = root.child("storesFile");
  const file = fileNode.text();
  if (file === undefined) return { config, problems };
  const listed = new ConfigNode(
    file,
    parseStoresFile(fileNode, () => readFile(file)),
    problems,
  );
  const stores = new Map(
    root
      .child("stores")
      .entries()
      .map(([key, node]) => [key, node.value]),
  );
  for (const [key, node] of listed.entries()) {
    if (stores.has(key)) node.report("stands in shopify-secrets:stores as well: keep one of them");
    else stores.set(key, node.value);
  }
  return { config: { ...config, stores: Object.fromEntries(stores) }, problems };
}

// Neither the system's nor the parser's error is passed on: both may quote what they choked on.
function parseStoresFile(node: ConfigNode, readText: () => string): unknown {
  let text: string;
  try {
    text = readText();
  } catch {
    return node.report(
      "names a file that cannot be read (the path starts at Pulumi.yaml's folder)",
    );
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error === undefined) return document.toJS() as unknown;
  return node.report(
    `names a file that is not YAML: see its line ${lineCounter.linePos(error.pos[0]).line}`,
  );
}
