import { readCsv } from "./csv";

/** A row of a table by its columns, without its empty cells, or what is wrong with it; never a word of it. */
export type TableRow = {
  readonly line: number;
} & ({ readonly cells: ReadonlyMap<string, string> } | { readonly wrong: string });

/** What a table has to have. */
export interface TableForm {
  /** By the first of them a heading is known. */
  readonly columns: readonly [string, ...string[]];
  /** A heading as it may be. */
  readonly example: string;
  /** Whether the heading may be left out, and then these are the columns; it is typed by hand, in capitals or not. Default: no. */
  readonly mayLackHeading?: boolean;
}

/** Reads a table whose first row names the columns; the text comes whole, or a line at a time. */
export function* readTable(texts: Iterable<string>, form: TableForm): Generator<TableRow> {
  let columns: readonly string[] | undefined;
  for (const row of readCsv(texts)) {
    const { line } = row;
    if ("wrong" in row) {
      yield row;
      if (columns === undefined) return;
      continue;
    }
    if (columns === undefined) {
      const heading = headingOf(row.cells, form);
      if (typeof heading === "string") {
        yield { line, wrong: heading };
        return;
      }
      columns = heading.columns;
      if (heading.isOwnRow) continue;
    }
    yield { line, ...cellsOf(row.cells, columns) };
  }
}

/** The columns that the first row names, or what is wrong with it. */
function headingOf(
  row: readonly string[],
  { columns, example, mayLackHeading = false }: TableForm,
): string | { readonly columns: readonly string[]; readonly isOwnRow: boolean } {
  const named = mayLackHeading ? row.map((name) => name.toLowerCase()) : row;
  if (mayLackHeading && !named.includes(columns[0])) return { columns, isOwnRow: false };
  const lacking = columns.find((column) => !named.includes(column));
  if (lacking !== undefined) {
    return `names no column called ${lacking} (the first line names them, such as ${example})`;
  }
  const again = named.findIndex((name, at) => name !== "" && named.indexOf(name) < at);
  if (again === -1) return { columns: named, isOwnRow: true };
  return `names the same column twice, as its cells ${named.indexOf(named[again] ?? "") + 1} and ${again + 1}`;
}

function cellsOf(
  row: readonly string[],
  columns: readonly string[],
): { readonly cells: ReadonlyMap<string, string> } | { readonly wrong: string } {
  const stray = row.findIndex((cell, at) => cell !== "" && !columns[at]);
  if (stray !== -1) {
    return {
      wrong: `has something in its cell ${stray + 1}, for which the first line names no column`,
    };
  }
  const cells = columns.map((column, at) => [column, row[at] ?? ""] as const);
  return { cells: new Map(cells.filter(([, cell]) => cell !== "")) };
}
