import { readCsv } from "../../contract/csv-text";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { isMap } from "./node";
import { storeOfRow } from "./stores-file";

/** A line of a list: its store as a map, or what is wrong with it; never a word of it, which may be a secret. */
export interface ListLine {
  /** As editors count. */
  readonly line: number;
  readonly content:
    | { readonly store: unknown; readonly rest: Record<string, unknown> }
    | { readonly wrong: string };
}

/** Reads a list line by line: a JSON object a line, or a table whose first line names the columns. */
export function* readListLines(isTable: boolean, lines: Iterable<string>): Generator<ListLine> {
  let head: readonly string[] | undefined;
  let line = 0;
  for (const given of lines) {
    line += 1;
    const text = line === 1 ? given.replace(/^\uFEFF/, "") : given;
    if (text.trim() === "") continue;
    if (!isTable) {
      yield { line, content: objectIn(text) };
      continue;
    }
    const cells = cellsIn(text);
    if ("wrong" in cells) yield { line, content: cells };
    else if (head !== undefined) yield { line, content: rowIn(head, cells.row) };
    else {
      head = cells.row;
      if (head.includes("store")) continue;
      yield { line, content: { wrong: NO_HEAD } };
      return;
    }
  }
}

const NO_HEAD =
  "names no column called store: the first line names the columns, such as store,kind,shop,app,scopes";

function objectIn(text: string): ListLine["content"] {
  const value = parseJsonQuietly(text);
  if (!isMap(value)) return { wrong: "is no JSON object" };
  const { store, ...rest } = value;
  return { store, rest };
}

function cellsIn(text: string): { readonly row: readonly string[] } | { readonly wrong: string } {
  const reading = readCsv(text);
  // A cell that goes on in the next line looks the same: one store is one line.
  if ("wrong" in reading) return { wrong: "has a quotation mark out of place" };
  return { row: reading.rows[0] ?? [] };
}

function rowIn(head: readonly string[], row: readonly string[]): ListLine["content"] {
  if (row.length > head.length) {
    return { wrong: `has ${row.length} cells, and the first line names ${head.length} columns` };
  }
  return { store: row[head.indexOf("store")] || undefined, rest: storeOfRow(head, row) };
}
