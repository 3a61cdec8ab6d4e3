import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KINDS } from "../../contract/kinds";
import { encodeRecord } from "../../contract/record";
import { READER_ADVICE, READER_ERROR_CODES } from "../../reader/errors";
import { recordOf, START } from "./records";

const PROJECT = join(__dirname, "../..");
const PAGE = readFileSync(join(PROJECT, "docs/consuming.md"), "utf8");

test("the page lists every code with its own sentence and what to do next, and no other", () => {
  const section = PAGE.slice(PAGE.indexOf("### Errors"), PAGE.indexOf("## Plain SDK"));
  const rows = [...section.matchAll(/^\| `(\w+)`(, retryable)? \| (.+) \| (.+) \|$/gm)];
  const documented = rows.map(([, code, retryable, says, next]) => [
    code,
    { says, next: next?.replaceAll("`", ""), retryable: retryable !== undefined },
  ]);
  expect(Object.fromEntries(documented)).toEqual(READER_ADVICE);
  expect(rows).toHaveLength(READER_ERROR_CODES.length);
});

test("the page lists every event with its fields, every reason for a read, and no other", () => {
  const section = PAGE.slice(PAGE.indexOf("### Events"), PAGE.indexOf("### Errors"));
  const rows = [...section.matchAll(/^\| `([a-z.]+)` \|.*\|([^|]*)\|$/gm)];
  const documented = rows.map(([, name, fields = ""]) => [name, names(fields, /`(\w+)`/g)]);
  const source = readFileSync(join(PROJECT, "reader/events.ts"), "utf8");
  const union = source.slice(
    source.indexOf("export type ReaderEvent"),
    source.indexOf("/** Hands"),
  );
  const declared = union
    .split("readonly event: ")
    .slice(1)
    .map((text) => [/^"([a-z.]+)"/.exec(text)?.[1], names(text, /readonly (\w+):/g)]);
  expect(documented).toEqual(declared);
  const reasons = /type LoadReason = (.+);/.exec(source)?.[1] ?? "";
  const paragraph = section.slice(section.indexOf("`reason` says"));
  expect(names(paragraph, /`([a-z_]+)`(?=,| \()/g).sort()).toEqual(
    names(reasons, /"(\w+)"/g).sort(),
  );
});

const names = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, name = ""]) => name);

test("the record that the page shows has the keys of the record that is written", () => {
  const block = /```json\n(\{\n {2}"schema_version"[\s\S]+?\})\n```/.exec(PAGE)?.[1] ?? "{}";
  const keys = Object.keys(JSON.parse(block) as object);
  expect(keys).toEqual(Object.keys(JSON.parse(encodeRecord(recordOf("acme", START))) as object));
});

test("the page says of every kind how long a copy may be kept", () => {
  for (const kind of KINDS) expect(PAGE).toContain(`\`${kind}\``);
});

test("the page of benchmarks has the counts that the bench counts now", () => {
  const bench = ["--import", "tsx", "bench/reader/counts.ts"];
  const printed = execFileSync(process.execPath, bench, { cwd: PROJECT, encoding: "utf8" });
  const benchmarks = readFileSync(join(PROJECT, "docs/benchmarks.md"), "utf8");
  const tables = printed.trim().split("\n\n");
  expect(tables.map((table) => table.split("\n").length)).toEqual([9, 4]);
  for (const table of tables) expect(benchmarks).toContain(`\n${table}\n`);
});
