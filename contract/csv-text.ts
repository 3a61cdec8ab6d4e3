/** What a CSV text says, or what is wrong with it; never a word of it, which may be a secret. */
export type CsvReading =
  | { readonly rows: readonly (readonly string[])[] }
  | { readonly wrong: string };

/** A cell with what ends it: quoted (RFC 4180), or plain up to the separator. */
const CELL = /\s*"((?:[^"]|"")*)"\s*(,|;|\t|\r?\n|$)|([^",;\t\r\n]*)(,|;|\t|\r?\n|$)/y;

/** Reads the cells of a CSV text, separated by commas, semicolons or tabs as spreadsheets write them; lines without any cell are left out. */
export function readCsv(given: string): CsvReading {
  if (/\0|^\uFFFD{2}/.test(given)) return { wrong: "is UTF-16: save it as UTF-8" };
  const text = given.replace(/^\uFEFF/, "");
  const rows: string[][] = [];
  let row: string[] = [];
  CELL.lastIndex = 0;
  while (CELL.lastIndex < text.length) {
    const line = rows.length + 1;
    const [, quoted, quotedEnd, plain = "", plainEnd = ""] = CELL.exec(text) ?? [];
    if (quoted === undefined && plainEnd === "" && CELL.lastIndex === 0) {
      return { wrong: `has a quotation mark out of place: see its line ${line}` };
    }
    row.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    const end = quotedEnd ?? plainEnd;
    if (end !== "" && !end.endsWith("\n")) continue;
    rows.push(row);
    row = [];
  }
  // The last line may have no end, and its last cell may be empty.
  if (row.length > 0) rows.push(row);
  return { rows: rows.filter((cells) => cells.some((cell) => cell !== "")) };
}
