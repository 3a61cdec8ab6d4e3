import {
  type Document,
  isCollection,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  visit,
} from "yaml";

/** What a YAML text says, or what is wrong with it; never a word of it, which may be a secret. */
export type YamlReading = YamlContent | { readonly wrong: string };

export interface YamlContent {
  /** Every key is the text that stands there. */
  readonly value: unknown;
  /** The ways to keys that other readers take for a number, a date or nothing, and so change. */
  readonly oddKeys: readonly (readonly string[])[];
  /** The line of a tag (`!name`) that says nothing to us; undefined: there is none. */
  readonly unknownTagLine: number | undefined;
}

/** Reads a YAML text; the parser's own errors and warnings quote what they choked on, and so go no further. */
export function readYaml(text: string): YamlReading {
  if (/\0|^\uFFFD{2}/.test(text)) return { wrong: "is UTF-16: save it as UTF-8" };
  if (isDeep(text)) return { wrong: `is nested more than ${DEEPEST} levels deep` };
  const lineCounter = new LineCounter();
  // The engine follows merge keys (<<) in the stack's file, so people write them in the others too.
  // The parser's own look for repeated keys compares each with all: minutes for thousands of stores.
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    uniqueKeys: false,
    // The parser warns the process of maps as keys, and shows them.
    logLevel: "error",
  });
  const lineOf = (position: number) => lineCounter.linePos(position).line;
  const [error] = document.errors;
  if (error !== undefined) {
    return { wrong: `is not one document of YAML: see its line ${lineOf(error.pos[0])}` };
  }
  const keys = keepKeyTexts(document);
  if (keys.repeatedAt !== undefined) {
    return { wrong: `has the same key twice: see its line ${lineOf(keys.repeatedAt)}` };
  }
  if (keys.collectionAt !== undefined) {
    return {
      wrong: `has a place that a template left unfilled, such as {{ … }}: see its line ${lineOf(keys.collectionAt)}`,
    };
  }
  const tag = document.warnings.find(({ code }) => code === "TAG_RESOLVE_FAILED");
  const followed = followAliases(document);
  if ("wrong" in followed) return followed;
  return { ...followed, oddKeys: keys.odd, unknownTagLine: tag && lineOf(tag.pos[0]) };
}

/**
 * How deep a text may be nested. The parser goes down by one call a level, and V8 ends the process, past every `catch`,
 * when the stack ends while a regular expression is made ready.
 */
const DEEPEST = 200;
const COMPACT = new RegExp(`^ *(?:[-?] ){${DEEPEST}}`, "m");
const INDENTED = new RegExp(`^ {${2 * DEEPEST}}`, "m");

function isDeep(text: string): boolean {
  if (COMPACT.test(text) || INDENTED.test(text)) return true;
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open += bracket === "[" || bracket === "{" ? 1 : -1;
    if (open > DEEPEST) return true;
  }
  return false;
}

/** Aliases are looked up only now: one may name nothing, and many may stand for more than memory holds. */
function followAliases(
  document: Document,
): { readonly value: unknown } | { readonly wrong: string } {
  try {
    return { value: document.toJS() };
  } catch {
    return { wrong: "has an alias (*name) that names nothing, or too many of them" };
  }
}

interface Keys {
  /** The ways to those that do not stay themselves elsewhere. */
  readonly odd: string[][];
  /** Where in the text one stands that its map has already. */
  repeatedAt: number | undefined;
  /** Where a map or a list is one, as YAML reads the braces of a template. */
  collectionAt: number | undefined;
}

/** Makes every key the text that it is. */
function keepKeyTexts(document: Document): Keys {
  const keys: Keys = { odd: [], repeatedAt: undefined, collectionAt: undefined };
  visit(document, {
    Map(_key, { items }, ancestors) {
      const texts = new Set<string>();
      for (const { key } of items) {
        if (isCollection(key)) keys.collectionAt ??= key.range?.[0];
        if (!isScalar(key)) continue;
        const { source = "", type, range } = key;
        if (type === Scalar.PLAIN && source === MERGE) continue;
        if (type === Scalar.PLAIN) key.value = source;
        const text = String(key.value);
        if (texts.has(text)) keys.repeatedAt ??= range?.[0] ?? 0;
        texts.add(text);
        if (type === Scalar.PLAIN && changesElsewhere(source)) {
          keys.odd.push([...wayTo(ancestors), source]);
        }
      }
    },
  });
  return keys;
}

const MERGE = "<<";

/** A decimal number without a leading zero stays itself; sixty-based ones (`12:30`) only YAML 1.1 knows. */
function changesElsewhere(source: string): boolean {
  if (/^(?:0|[1-9]\d*)$/.test(source) || source.includes(":")) return false;
  if (!/^(?:[-+.~\d]|null$|$)/i.test(source)) return false;
  return (["core", "yaml-1.1"] as const).some((schema) => {
    // A key such as `--- %YAML 9` is no document of its own: it means nothing else anywhere.
    const { errors, contents } = parseDocument(source, { schema, logLevel: "silent" });
    const value: unknown = errors.length > 0 ? source : isScalar(contents) ? contents.value : null;
    return typeof value === "number" || typeof value === "object";
  });
}

function wayTo(ancestors: readonly (Document | Node | Pair)[]): string[] {
  return ancestors.flatMap((node) =>
    isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [],
  );
}
