import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../contract/errors";
import { ROLE_ROWS, SECRET_ROWS } from "../../local/aws/dependent-permissions";
import { ASSUMPTIONS, SIGNING_ASSUMPTIONS } from "../../smoke/catalogue";
import { MISTAKES } from "../mistakes/all-mistakes";
import { ALL_SWITCHES } from "./switch-positions";

const PROJECT = join(__dirname, "../..");
const PAGE = readFileSync(join(PROJECT, "docs/assumptions.md"), "utf8");

const OF_AN_APP_THAT_SIGNS = Object.values(SIGNING_ASSUMPTIONS);

interface Row {
  readonly assumes: string;
  readonly otherwise: string;
  readonly notices: string;
  readonly sure: string;
}

/** The rows of every table whose columns are those of an assumption. */
const ROWS: readonly Row[] = PAGE.split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()))
  .filter((cells) => cells.length === 4 && cells[0] !== "we assume")
  .map(([assumes = "", otherwise = "", notices = "", sure = ""]) => ({
    assumes,
    otherwise,
    notices,
    sure,
  }));

const GRADES = ["recorded", "documented", "seen", "observed", "inferred", "unpublished"];
const WRITTEN = ROWS.map(({ notices }) => notices).join("\n");
const codesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = ""]) => name);

/** All sources of a folder, one after another. */
function sourcesOf(folder: string): string {
  return readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(PROJECT, folder, name), "utf8"))
    .join("\n");
}

describe("the page of assumptions", () => {
  test("has four cells in each row, and says how sure we are in its own words", () => {
    const broken = PAGE.split("\n").filter(
      (line) => line.startsWith("| ") && ![2, 4].includes(line.split(" | ").length),
    );
    expect(broken).toEqual([]);
    expect(ROWS.length).toBeGreaterThanOrEqual(60);
    for (const { assumes, otherwise, notices, sure } of ROWS) {
      expect(GRADES.some((grade) => sure.startsWith(grade)) || sure).toBe(true);
      expect([assumes, otherwise, notices].every((cell) => cell !== "")).toBe(true);
    }
  });

  test.each(ALL_SWITCHES)("has one row for the switch %s", (name) => {
    expect(ROWS.filter(({ assumes }) => assumes.includes(`\`${name}\``))).toHaveLength(1);
  });

  test.each([...ASSUMPTIONS, ...OF_AN_APP_THAT_SIGNS])(
    "names the smoke check $name",
    ({ name }) => {
      expect(WRITTEN).toContain(`\`${name}\``);
    },
  );

  test("names no smoke check that does not exist", () => {
    const named = ROWS.flatMap(({ notices }) =>
      codesIn(notices.split(/smoke: /)[1]?.split(";")[0] ?? "", /`([^`]+)`/g),
    );
    const known = [...ASSUMPTIONS, ...OF_AN_APP_THAT_SIGNS].map(({ name }) => name);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("names only tests that exist, codes that are known, and mistakes that are planted", () => {
    const files = codesIn(PAGE, /`(test\/[\w./-]+\.ts)`/g);
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
    const codes = codesIn(WRITTEN, /`([a-z]+(?:_[a-z]+)+)`/g);
    expect(codes.filter((code) => !ERROR_CODES.some((known) => known === code))).toEqual([]);
    const mistakes = codesIn(WRITTEN, /planted mistake "([^"]+)"/g);
    expect(mistakes.filter((name) => !MISTAKES.some((known) => known.name === name))).toEqual([]);
  });

  test("names only log events that a function writes", () => {
    const events = codesIn(WRITTEN, /log `([a-z]+\.[a-z_]+)`/g);
    expect(events.length).toBeGreaterThan(3);
    const written = sourcesOf("lambda");
    expect(events.filter((event) => !written.includes(`"${event}"`))).toEqual([]);
  });

  test("names every dependent permission that the world asks for", () => {
    const [row] = ROWS.filter(({ assumes }) => assumes.startsWith("The dependent permissions"));
    const operations = [...SECRET_ROWS, ...ROLE_ROWS].flatMap(({ on }) => on);
    const shown = row?.assumes ?? "";
    const ofSecrets = operations.filter((operation) => !operation.includes(":"));
    expect(ofSecrets.filter((operation) => !shown.includes(operation))).toEqual([]);
    expect(shown).toContain("iam:PassRole");
  });
});
