/** A row of a CSV text with the line that it begins in, as editors count, or what is wrong there; never a word of it, which may be a secret. */
export type CsvRow = {
  readonly line: number;
} & ({ readonly cells: readonly string[] } | { readonly wrong: string });

/** What is wrong with a file that was saved as UTF-16 and read as UTF-8. */
export const UTF16 = "is UTF-16: save it as UTF-8";

export function looksUtf16(text: string): boolean {
  return /\0|^\uFFFD{2}/.test(text);
}

/**
 * Reads CSV (RFC 4180) that comes whole, or a line at a time, without a byte order mark; rows without any cell are left out.
 *
 * Cells are separated by what separates those of the first row. Blanks around a cell are not of it, within quotes neither:
 * nothing that stands in our tables begins or ends with one.
 */
export function* readCsv(texts: Iterable<string>): Generator<CsvRow> {
  let separator: Separator | undefined;
  let line = 1;
  for (const given of texts) {
    const text = line === 1 ? given.replace(/^\uFEFF/, "") : given;
    if (looksUtf16(text)) {
      yield { line, wrong: UTF16 };
      return;
    }
    if (separator === undefined && text.trim() !== "") separator = separatorOf(text);
    if (separator !== undefined) yield* rowsOf(text, { separator, line });
    line += Math.max(lineEndsIn(text), 1);
  }
}

/** A row, with quotes around the cells that need them. */
export function writeCsvRow(cells: readonly string[], separator: Separator): string {
  return cells
    .map((cell) => (/[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(separator);
}

export type Separator = "," | ";" | "\t";

/** The first separator of the first row outside quotes; of a row of one cell, a comma. */
export function separatorOf(text: string): Separator {
  for (const [found] of text.trimStart().matchAll(/"[^"]*"|[,;\t\r\n]/g)) {
    if (found.startsWith('"')) continue;
    return found === ";" || found === "\t" ? found : ",";
  }
  return ",";
}

/** A cell, quoted or plain, with what ends it; blanks never hold the separator or a line's end. */
const CELLS: Readonly<Record<Separator, RegExp>> = {
  ",": /(?:[ \t]*"((?:[^"]|"")*)"[ \t]*|([^",\r\n]*))(,|\r\n?|\n|$)/y,
  ";": /(?:[ \t]*"((?:[^"]|"")*)"[ \t]*|([^";\r\n]*))(;|\r\n?|\n|$)/y,
  "\t": /(?: *"((?:[^"]|"")*)" *|([^"\t\r\n]*))(\t|\r\n?|\n|$)/y,
};

function* rowsOf(
  text: string,
  { separator, line: first }: { readonly separator: Separator; readonly line: number },
): Generator<CsvRow> {
  const cell = CELLS[separator];
  let line = first;
  for (let at = 0; at < text.length; ) {
    const begin = at;
    const cells: string[] = [];
    for (let end: string = separator; end === separator; ) {
      cell.lastIndex = at;
      const found = cell.exec(text);
      if (found === null) {
        yield { line, wrong: "has a quotation mark out of place" };
        return;
      }
      const [whole, quoted, plain = "", ending = ""] = found;
      cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
      at += whole.length;
      end = ending;
    }
    if (cells.some((one) => one !== "")) yield { line, cells };
    line += lineEndsIn(text.slice(begin, at));
  }
}

function lineEndsIn(text: string): number {
  return text.match(/\r\n?|\n/g)?.length ?? 0;
}
