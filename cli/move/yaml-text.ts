import { isDeepStrictEqual } from "node:util";
import { type Document, isCollection, parseDocument, type ToStringOptions } from "yaml";
import { Refusal } from "../refusal";
import { keepLines } from "./kept-lines";

type Path = readonly string[];

/** A YAML file of which values are read, set and taken out; what is not touched stays, comments too. */
export class YamlText {
  readonly #file: string;
  readonly #document: Document;
  readonly #before: string;
  readonly #style: ToStringOptions;

  /** @throws {Refusal} a text that is not one document of YAML */
  constructor(file: string, text: string) {
    this.#file = file;
    this.#before = text;
    this.#style = styleOf(text);
    this.#document = documentOf(text);
    const [error] = this.#document.errors;
    if (error === undefined) return;
    const where = error.linePos?.[0].line;
    throw new Refusal(
      `${file} is not one document of YAML: see its line ${where}`,
      "mend that line, then the same command",
    );
  }

  /** The plain value at a path, with what its aliases and merges stand for. */
  valueAt(path: Path): unknown {
    const node = this.#document.getIn(this.#own(path), true);
    const isNode = typeof node === "object" && node !== null && "toJS" in node;
    return isNode ? (node as { toJS(document: Document): unknown }).toJS(this.#document) : node;
  }

  /** Sets a value; what is empty on the way to it becomes a map. */
  set(path: Path, value: unknown): void {
    for (const [at] of path.entries()) {
      const way = this.#own(path.slice(0, at));
      if (at === 0 || isCollection(this.#document.getIn(way, true))) continue;
      this.#document.setIn(way, this.#document.createNode({}));
    }
    this.#document.setIn(this.#own(path), value);
  }

  /** Takes a value out, if there is one. */
  delete(path: Path): void {
    const way = this.#own(path);
    if (this.#document.hasIn(way)) this.#document.deleteIn(way);
  }

  /** @throws {Refusal} something that was taken out is named by what stays */
  toString(): string {
    const after = this.#written();
    const unchanged = documentOf(this.#before).toString(this.#style);
    if (after === unchanged) return this.#before;
    const kept = keepLines({ before: this.#before, unchanged, after });
    return saysTheSame(kept, after) ? kept : after;
  }

  #written(): string {
    try {
      return this.#document.toString(this.#style);
    } catch (error) {
      if (!/^Unresolved alias/.test(String((error as Error).message))) throw error;
      throw new Refusal(
        `in ${this.#file}, what stays is written with an alias (*name) of what leaves`,
        "write it out there, then the same command",
      );
    }
  }

  /** A path by the keys as the file has them: one of digits is a number there. */
  #own(path: Path): (string | number)[] {
    const own: (string | number)[] = [];
    for (const step of path) {
      const isNumber = /^\d+$/.test(step) && this.#document.hasIn([...own, Number(step)]);
      own.push(isNumber ? Number(step) : step);
    }
    return own;
  }
}

function documentOf(text: string): Document {
  // The parser's own look for repeated keys compares each with all: minutes for thousands of stores.
  return parseDocument(text, { merge: true, uniqueKeys: false, logLevel: "error" });
}

/** A line that is new may be indented otherwise than those around it, which stay. */
function saysTheSame(one: string, other: string): boolean {
  const read = documentOf(one);
  return read.errors.length === 0 && isDeepStrictEqual(read.toJS(), documentOf(other).toJS());
}

/** How a text is written, as far as it shows: what is new is written the same way. */
function styleOf(text: string): ToStringOptions {
  const [, indent = "  "] = /^( {2,8})[^\s-]/m.exec(text) ?? [];
  return {
    lineWidth: 0,
    indent: indent.length,
    indentSeq: !/^( *)[^\s#-].*:\r?\n\1- /m.test(text),
    flowCollectionPadding: !/[[{][^\s\]}]/.test(text),
  };
}
