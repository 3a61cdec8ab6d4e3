import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { QUESTION_MISTAKES } from "../mistakes/question-mistakes";

const DOCS = join(__dirname, "../../docs");
const PAGE = readFileSync(join(DOCS, "questions.md"), "utf8");
const HELD_BY = /^\[`(.+)`\]\((\.\.\/test\/[\w./-]+\.test\.ts)\)$/;

/** The rows of the page: who asks, what, the answer and the test that holds it. */
const ROWS = PAGE.split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| who asks"))
  .map((line) => line.slice(2, -2).split(" | "));

test("the page answers at least two dozen questions, each once", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(24);
  expect(ROWS.filter((cells) => cells.length !== 4)).toEqual([]);
  const asked = ROWS.map(([who, what]) => `${who} ${what}`);
  expect(new Set(asked).size).toBe(asked.length);
});

test.each(ROWS.map(([, question = "", , held = ""]) => [question, held] as const))(
  "%s",
  (_question, held) => {
    const [, title = "", path = ""] = HELD_BY.exec(held) ?? [];
    const file = join(DOCS, path);
    expect([held, path !== "" && existsSync(file)]).toEqual([held, true]);
    // The very title: a test that was renamed or taken away is missed here.
    const text = readFileSync(file, "utf8").replaceAll('\\"', '"');
    const titles = [...text.matchAll(/\b(?:test|describe)(?:\.each)?\b/g)];
    expect(titles.length).toBeGreaterThan(0);
    const isThere = ['"', "`"].some(
      (quote) => text.includes(`${quote}${title}${quote}`) || text.includes(`${quote}${title} (`),
    );
    expect({ title, isThere }).toEqual({ title, isThere: true });
  },
);

test("for each answer the product is spoilt once, and the linked test is the one that has to notice", () => {
  const linked = ROWS.map(([, , , held = ""]) => HELD_BY.exec(held)?.slice(1).reverse());
  const spoilt = QUESTION_MISTAKES.map(({ caughtBy }) => caughtBy);
  expect(spoilt).toHaveLength(linked.length);
  for (const [index, [path = "", title = ""] = []] of linked.entries()) {
    const { file, titles } = spoilt[index] ?? { file: "", titles: [] };
    // A title of `test.each` has its place-holder filled.
    const pattern = title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/%[ips]/g, ".*");
    const isIt = titles.some((one) => new RegExp(`^${pattern}( \\(seed .*)?$`).test(one));
    expect({ title, file, isIt }).toEqual({ title, file: path.replace("../", ""), isIt: true });
  }
});
