import { type Document, isCollection, LineCounter, parseDocument, visit } from "yaml";

/** What a YAML text says, or what is wrong with it; never a word of it, which may be a secret. */
export type YamlReading = { readonly value: unknown } | { readonly wrong: string };

/** Reads a YAML text; the parser's own errors and warnings quote what they choked on, and so go no further. */
export function readYaml(text: string): YamlReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: "error" });
  const lineAt = (offset: number) => `see its line ${lineCounter.linePos(offset).line}`;
  const [error] = document.errors;
  if (error?.code === "DUPLICATE_KEY") {
    return { wrong: `has the same key twice: ${lineAt(error.pos[0])}` };
  }
  if (error !== undefined) {
    return { wrong: `is not one document of YAML: ${lineAt(error.pos[0])}` };
  }
  const odd = offsetOfOddKey(document);
  if (odd !== undefined) {
    return { wrong: `has a place that a template left unfilled, such as {{ … }}: ${lineAt(odd)}` };
  }
  return followAliases(document);
}

/** Where a map or a list stands as a key, as YAML reads the braces of a template; undefined: nowhere. */
function offsetOfOddKey(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isCollection(key)) return undefined;
      offset = key.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

/** Aliases are looked up only now: one may name nothing, and many may stand for more than memory holds. */
function followAliases(document: Document): YamlReading {
  try {
    return { value: document.toJS() };
  } catch {
    return { wrong: "has an alias (*name) that names nothing, or too many of them" };
  }
}
