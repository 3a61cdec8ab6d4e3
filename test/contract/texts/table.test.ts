import { readTable, type TableForm } from "../../../contract/texts/table";

const FORM: TableForm = { columns: ["store", "token"], example: "store,token" };
const rowsOf = (text: string, form = FORM) =>
  [...readTable([text], form)].map((row) =>
    "wrong" in row ? `line ${row.line} ${row.wrong}` : [row.line, Object.fromEntries(row.cells)],
  );

test("cells go by their columns, whatever these are called; empty ones say nothing", () => {
  expect(rowsOf("constructor,token,store,__proto__\nx,y,z,\n")).toEqual([
    [2, { constructor: "x", token: "y", store: "z" }],
  ]);
});

test.each<[string, string]>([
  [
    "store,shop\n",
    "line 1 names no column called token (the first line names them, such as store,token)",
  ],
  ["store,token,note,token\n", "line 1 names the same column twice, as its cells 2 and 4"],
  [
    "store,token\na,b,\nc,d,,x\n",
    "line 3 has something in its cell 4, for which the first line names no column",
  ],
  [
    "store,,token\na,x,b\n",
    "line 2 has something in its cell 2, for which the first line names no column",
  ],
  ['"store,token\n', "line 1 has a quotation mark out of place"],
])("%j is told", (text, says) => {
  expect(rowsOf(text).at(-1)).toBe(says);
});

test("a heading that may be left out is typed in capitals or not", () => {
  const form = { ...FORM, mayLackHeading: true };
  const row = { store: "a", token: "b" };
  expect(rowsOf("Token;Store\nb;a", form)).toEqual([[2, row]]);
  expect(rowsOf("\na;b", form)).toEqual([[2, row]]);
});

test("nothing has no row", () => {
  expect(rowsOf("\n\n")).toEqual([]);
});
