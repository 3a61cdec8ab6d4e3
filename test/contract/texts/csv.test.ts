import * as fc from "fast-check";
import { readCsv, type Separator, separatorOf, writeCsvRow } from "../../../contract/texts/csv";

const rowsOf = (...texts: string[]) =>
  [...readCsv(texts)].map((row) => ("cells" in row ? [row.line, ...row.cells] : row));

test.each<[string, string, unknown[]]>([
  [
    "an empty last cell before a quoted first one",
    'a,\n"b",c\n',
    [
      [1, "a", ""],
      [2, "b", "c"],
    ],
  ],
  ["an empty cell before a quoted one, by tabs", 'a\t\t"b,c"\td\n', [[1, "a", "", "b,c", "d"]]],
  ["an empty cell behind a quoted one, by tabs", '"a"\t\tb\n', [[1, "a", "", "b"]]],
  ["an empty last cell without a line end", "a,b,", [[1, "a", "b", ""]]],
  ["blanks around cells, within quotes too", ' a , " b"\t,c', [[1, "a", "b", "c"]]],
  [
    "a tab beside quotes where commas separate",
    'x,y\n"a"\t,b',
    [
      [1, "x", "y"],
      [2, "a", "b"],
    ],
  ],
  [
    "rows without a cell",
    "\n , \na\n,,,\n\nb",
    [
      [3, "a"],
      [6, "b"],
    ],
  ],
  [
    "a cell of two lines",
    'a,"b\nc"\nd',
    [
      [1, "a", "b\nc"],
      [3, "d"],
    ],
  ],
  [
    "each line end there is",
    "a\r\nb\rc\n",
    [
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ],
  ],
  [
    "what separates the first row, in every row",
    "a;b\nc,d;e\n",
    [
      [1, "a", "b"],
      [2, "c,d", "e"],
    ],
  ],
  ["quotes of which the first separator is none", '"a,b";c\n', [[1, "a,b", "c"]]],
  ["a byte order mark", '\uFEFF"a",b', [[1, "a", "b"]]],
])("%s", (_what, text, rows) => {
  expect(rowsOf(text)).toEqual(rows);
});

test("lines that come one by one are counted, and one that is wrong spoils no other", () => {
  expect(rowsOf("\uFEFFa,b", "", 'c,d"', "e,f")).toEqual([
    [1, "a", "b"],
    { line: 3, wrong: "has a quotation mark out of place" },
    [4, "e", "f"],
  ]);
});

test("UTF-16 is called so", () => {
  const text = new TextDecoder().decode(Buffer.from("\uFEFFa,b\r\nc,d\r\n", "utf16le"));
  const wrong = [{ line: 1, wrong: "is UTF-16: save it as UTF-8" }];
  expect(rowsOf(text)).toEqual(wrong);
  expect(rowsOf(...text.split("\n"))).toEqual(wrong);
});

test("a quotation mark that is not closed is told by its row, and ends the reading", () => {
  expect(rowsOf('a,b\nc,"d\ne,f\n')).toEqual([
    [1, "a", "b"],
    { line: 2, wrong: "has a quotation mark out of place" },
  ]);
});

const cellsIn = (row: ReturnType<typeof rowsOf>[number]) =>
  Array.isArray(row) ? row.slice(1) : row;

describe("any table that is written is read as it was", () => {
  const separators: Separator[] = [",", ";", "\t"];
  const cell = fc
    .string({
      unit: fc.constantFrom("a", "b", '"', ",", ";", "\t", " ", "\n", "é", "\uFEFF"),
      maxLength: 6,
    })
    .map((text) => text.trim());
  // What separates is told from the first row.
  const table = fc
    .tuple(
      fc.array(cell, { minLength: 2, maxLength: 4 }),
      fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
    )
    .map(([head, rows]) => [["head", ...head], ...rows]);
  const isSaid = (row: readonly string[]) => row.some((one) => one !== "");

  test("by ourselves", () => {
    fc.assert(
      fc.property(table, fc.constantFrom(...separators), (rows, separator) => {
        const text = rows.map((row) => `${writeCsvRow(row, separator)}\n`).join("");
        expect(separatorOf(text)).toBe(separator);
        expect(rowsOf(text).map(cellsIn)).toEqual(rows.filter(isSaid));
      }),
    );
  });

  test("by programs that quote more, with blanks beside the quotes, and other line ends", () => {
    const style = fc.record({
      separator: fc.constantFrom(...separators),
      end: fc.constantFrom("\n", "\r\n", "\r"),
      isQuoted: fc.infiniteStream(fc.boolean()),
      blanks: fc.infiniteStream(fc.constantFrom("", " ", "  ")),
      hasLastEnd: fc.boolean(),
    });
    fc.assert(
      fc.property(table, style, (rows, { separator, end, isQuoted, blanks, hasLastEnd }) => {
        const blank = () => blanks.next().value;
        const written = (one: string) =>
          isQuoted.next().value || /["\s;,]/.test(one)
            ? `${blank()}"${one.replaceAll('"', '""')}"${blank()}`
            : blank() + one + blank();
        const text = rows.map((row) => row.map(written).join(separator)).join(end);
        const read = rowsOf(text + (hasLastEnd ? end : ""));
        expect(read.map(cellsIn)).toEqual(rows.filter(isSaid));
      }),
    );
  });
});

test.each<[string, string, number]>([
  ["a cell", `a,${"x".repeat(5_000_000)}`, 1],
  ["a quoted cell", `a,"${'x""'.repeat(1_000_000)}"`, 1],
  ["an open quote", `a,"${'x""'.repeat(1_000_000)}`, 1],
  ["blanks", `a,${" ".repeat(1_000_000)}x`, 1],
  ["blanks before the first row", `${" \n".repeat(500_000)}a`, 1],
])("a very long text of %s is read in one go", (_what, text, rows) => {
  expect([...readCsv([text])]).toHaveLength(rows);
});
