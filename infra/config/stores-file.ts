import { ConfigNode, distinct, isMap, type Problem } from "./node";
import { oddKeySays } from "./plain-secrets";
import { readYaml, type YamlContent } from "./yaml-text";

/** Config with the stores of `storesFile` in `stores`. */
export interface MergedConfig {
  readonly config: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** Where a problem with a merged store has to be mended: in the file that the store stands in. */
  readonly locate: (problem: Problem) => Problem;
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
  if (file === undefined) return { config, problems, locate: (problem) => problem };
  const reading = parseStoresFile(fileNode, () => readFile(file));
  const listed = new ConfigNode(`${file}:`, reading?.value, problems);
  for (const way of reading?.oddKeys ?? []) {
    way.reduce((node, step) => node.child(step), listed).report(oddKeySays("this file"));
  }

  const stores = new Map(
    root
      .child("stores")
      .entries()
      .map(([key, node]) => [key, node.value]),
  );
  const paths = new Map<string, string>();
  for (const [key, node] of entriesOf(listed)) {
    if (stores.has(key)) node.report("stands in shopify-secrets:stores as well: keep one of them");
    else {
      stores.set(key, node.value);
      paths.set(root.child("stores").child(key).path, node.path);
    }
  }
  return {
    config: { ...config, stores: Object.fromEntries(stores) },
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

/** The stores of the file; none and a problem when they stand under a heading, as they do in config. */
function entriesOf(listed: ConfigNode): [string, ConfigNode][] {
  const heading = listed.child("stores");
  if (!isMap(heading.value) || Object.hasOwn(heading.value, "kind")) return listed.entries();
  heading.report("is no store: this file has no headings, let the stores begin at the margin");
  return [];
}

// The system's error is not passed on: it quotes the path, which may be a secret that was pasted there.
function parseStoresFile(node: ConfigNode, readText: () => string): YamlContent | undefined {
  let text: string;
  try {
    text = readText();
  } catch {
    return node.report(
      "names a file that cannot be read (the path starts at Pulumi.yaml's folder)",
    );
  }
  const reading = readYaml(text);
  if ("wrong" in reading) return node.report(`names a file that ${reading.wrong}`);
  const { unknownTagLine } = reading;
  if (unknownTagLine === undefined) return reading;
  return node.report(
    `names a file that has a tag (!name) which says nothing here: see its line ${unknownTagLine}`,
  );
}
