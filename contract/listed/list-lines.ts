import { looksUtf16, UTF16 } from "../texts/csv";
import { readJsonObject } from "../texts/json-object";
import { readTable } from "../texts/table";

/** A line of a list: its store and what it says of it, or what is wrong with it; never a word of it, which may be a secret. */
export interface ListLine {
  /** As editors count. */
  readonly line: number;
  readonly content:
    | { readonly store: unknown; readonly rest: Readonly<Record<string, unknown>> }
    | { readonly wrong: string };
}

/** The keys of a store in a list. */
export const LISTED_KEYS = ["kind", "shop", "app", "scopes", "rotationHours", "apiVersion"];

/** Whether a list is a table, by the name of its file. */
export function isTableFile(file: string): boolean {
  return /\.csv$/i.test(file);
}

/** Reads a list line by line: a JSON object a line, or a table whose first line names the columns. */
export function* readListLines(isTable: boolean, lines: Iterable<string>): Generator<ListLine> {
  if (isTable) yield* tableLines(lines);
  else yield* objectLines(lines);
}

function* tableLines(lines: Iterable<string>): Generator<ListLine> {
  for (const row of readTable(lines, STORES_TABLE)) {
    const content =
      "wrong" in row ? row : { store: row.cells.get("store"), rest: storeOfCells(row.cells) };
    yield { line: row.line, content };
  }
}

function* objectLines(lines: Iterable<string>): Generator<ListLine> {
  let line = 0;
  for (const given of lines) {
    line += 1;
    const text = line === 1 ? given.replace(/^\uFEFF/, "") : given;
    if (text.trim() === "") continue;
    if (looksUtf16(text)) {
      yield { line, content: { wrong: UTF16 } };
      return;
    }
    yield { line, content: objectIn(text) };
  }
}

function objectIn(text: string): ListLine["content"] {
  const reading = readJsonObject(text);
  if ("wrong" in reading) return reading;
  const { store, ...rest } = reading.object;
  return { store, rest };
}

/** A table of stores has a column for each key of a store, and one for its own key. */
export const STORES_TABLE = {
  columns: ["store"],
  example: "store,kind,shop,app,scopes",
} as const;

const TRUTHS = new Map([
  ["true", true],
  ["false", false],
]);

/** How the cells of a column are read; those of the others are text, digits too. */
const COLUMNS: ReadonlyMap<string, (cell: string) => unknown> = new Map<
  string,
  (cell: string) => unknown
>([
  ["scopes", words],
  ["readers", words],
  ["rotationHours", (cell) => (/^\d+$/.test(cell) ? Number(cell) : cell)],
  // Spreadsheets write them in capitals.
  ["protect", (cell) => TRUTHS.get(cell.toLowerCase()) ?? cell],
]);

function words(cell: string): string[] {
  return cell.split(/[\s,;]+/).filter((word) => word !== "");
}

/** What a row says of its store; an empty cell says nothing. */
function storeOfCells(cells: ReadonlyMap<string, string>): Record<string, unknown> {
  const { store: _, ...rest } = Object.fromEntries(
    [...cells].map(([column, cell]) => [column, COLUMNS.get(column)?.(cell) ?? cell]),
  );
  return rest;
}
