import { type Document, LineCounter, parseDocument } from "yaml";

/** What a YAML text says, or what is wrong with it; never a word of it, which may be a secret. */
export type YamlReading = { readonly value: unknown } | { readonly wrong: string };

/** Reads a YAML text; the parser's own errors quote what they choked on, and so go no further. */
export function readYaml(text: string): YamlReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const [error] = document.errors;
  if (error === undefined) return followAliases(document);
  const { line } = lineCounter.linePos(error.pos[0]);
  const what =
    error.code === "DUPLICATE_KEY" ? "has the same key twice" : "is not one document of YAML";
  return { wrong: `${what}: see its line ${line}` };
}

/** Aliases are looked up only now: one may name nothing, and many may stand for more than memory holds. */
function followAliases(document: Document): YamlReading {
  try {
    return { value: document.toJS() };
  } catch {
    return { wrong: "has an alias (*name) that names nothing, or too many of them" };
  }
}
