import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFilm, linesOf } from "../../scripts/build-film";
import { missingLines } from "../e2e/readme-output";
import { PROJECT } from "./code-blocks";

const CAST = readFileSync(join(PROJECT, "docs/film.cast"), "utf8");
const lines = linesOf(CAST);
const said = lines.map(({ spans }) => spans.map(({ text }) => text).join("")).join("\n");

test("the film is what the demo's own recording gives, and stands at the top of README", () => {
  expect(encodeFilm(lines)).toBe(readFileSync(join(PROJECT, "docs/film.svg"), "utf8")); // npm run film
  expect(readFileSync(join(PROJECT, "README.md"), "utf8").split("\n")[2]).toContain(
    "(docs/film.svg)",
  );
});

test("its text is what README says that the demo prints, to its last line", () => {
  expect(missingLines(said, "4. The secrets")).toEqual([]);
  expect(said).toContain("0 refused calls");
  expect(said.trimEnd()).toMatch(/no secret is left$/);
});

test("nothing of a machine and no secret is in it", () => {
  expect(said).not.toMatch(/shp[a-z]{2}_(?!\*)/);
  expect(CAST).not.toMatch(/\/(tmp|root|home|work|Users)\//);
});

test("it is a picture without a script or anything to fetch, and ends within a minute", () => {
  const film = encodeFilm(lines);
  expect(film).not.toMatch(/<script|href|url\(|@import|<image/);
  expect(lines.at(-1)?.at).toBeLessThan(60);
  expect(film).toContain("prefers-reduced-motion");
});

test("colours become styles, and what looks like a tag stays text", () => {
  const cast = [
    JSON.stringify({ version: 2 }),
    JSON.stringify([0.1, "o", "   \u001b[32mok\u001b[39m  a <b> & c\r\n"]),
    JSON.stringify([99, "o", "later\r\n"]),
  ].join("\n");
  const [first, second] = linesOf(cast);
  expect(first?.spans).toEqual([
    { text: "   ", style: "" },
    { text: "ok", style: "ok" },
    { text: "  a <b> & c", style: "" },
  ]);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThanOrEqual(0.9);
  expect(encodeFilm(linesOf(cast))).toContain(
    '<tspan class="ok">ok</tspan>  a &#60;b&#62; &#38; c',
  );
});
