import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import fc from "fast-check";
import { readCsv, type Separator, writeCsvRow } from "../../contract/texts/csv";

/** CSV as others read and write it: Python's own module, which every spreadsheet's dialect was tried with. */
const PROGRAM = `
import csv, io, json, sys

def written(rows, style):
    out = io.StringIO(newline="")
    csv.writer(out, quoting=getattr(csv, style["quoting"]), delimiter=style["separator"], lineterminator=style["end"]).writerows(rows)
    return out.getvalue()

def read(text, separator):
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error:
        return None

asked = json.load(sys.stdin)
if "tables" in asked:
    print(json.dumps([written(*one) for one in asked["tables"]]))
else:
    print(json.dumps([read(*one) for one in asked["texts"]]))
`;

function python<T>(asked: object): T {
  const { stdout, stderr, status } = spawnSync("python3", ["-c", PROGRAM], {
    input: JSON.stringify(asked),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

type Rows = readonly (readonly string[])[];
const SEED = Number(process.env["CSV_SEED"] ?? randomInt(1_000_000));
const RUNS = 3_000;
const sample = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.sample(arbitrary, { seed: SEED, numRuns: RUNS });

/** Rows without what we take for no part of a cell, or no row. */
const bare = (rows: Rows) =>
  rows
    .map((row) => row.map((cell) => cell.trim()))
    .filter((row) => row.some((cell) => cell !== ""));

function ours(text: string): Rows | undefined {
  const rows = [...readCsv([text])];
  return rows.some((row) => "wrong" in row)
    ? undefined
    : rows.map((row) => ("cells" in row ? row.cells : []));
}

/** The texts of which one is not read as it should be. */
function unlike(texts: readonly { readonly text: string; readonly rows: Rows }[]): object[] {
  return texts
    .map(({ text, rows }) => ({ seed: SEED, text, read: ours(text), rows: bare(rows) }))
    .filter(({ read, rows }) => JSON.stringify(read) !== JSON.stringify(rows));
}

const separator = fc.constantFrom<Separator>(",", ";", "\t");
const cellOf = (...units: string[]) =>
  fc.string({ unit: fc.constantFrom("a", "b", '"', " ", "\n", "\r\n", ...units), maxLength: 6 });
const table = fc
  .array(fc.array(cellOf(",", ";", "\t", "é"), { minLength: 1, maxLength: 4 }), { maxLength: 4 })
  .map((rows) => [["head", "other"], ...rows]);

test("what Python writes is read, in each of its ways to quote", () => {
  const style = fc.record({
    quoting: fc.constantFrom("QUOTE_MINIMAL", "QUOTE_ALL", "QUOTE_NONNUMERIC"),
    separator,
    end: fc.constantFrom("\n", "\r\n"),
  });
  const tables = sample(fc.tuple(table, style));
  const texts = python<string[]>({ tables });
  expect(unlike(texts.map((text, at) => ({ text, rows: tables[at]?.[0] ?? [] })))).toEqual([]);
});

test("what we write is read by Python", () => {
  const tables = sample(fc.tuple(table.map(bare), separator));
  const texts = tables.map(([rows, by]) => [
    rows.map((row) => writeCsvRow(row, by)).join("\n"),
    by,
  ]);
  expect(python<Rows[]>({ texts })).toEqual(tables.map(([rows]) => rows));
});

test("any text is read as Python reads it, or refused", () => {
  const texts = sample(
    separator.chain((by) =>
      fc
        .array(cellOf(by), { maxLength: 6 })
        .map((parts) => [`head${by}other\n${parts.join("")}`, by] as const),
    ),
  );
  const theirs = python<(Rows | null)[]>({ texts });
  const both = texts.flatMap(([text], at) => {
    const rows = theirs[at];
    return rows == null || ours(text) === undefined ? [] : { text, rows };
  });
  expect(both.length).toBeGreaterThan(RUNS / 10);
  expect(unlike(both)).toEqual([]);
});
