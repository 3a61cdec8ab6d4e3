import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADVICE } from "../../contract/errors";
import { llmsText, type Page, pagesOf, sidebarOf } from "../../scripts/site/pages";

const ROOT = join(__dirname, "..", "..");
const pages = pagesOf(ROOT);
const byPath = new Map(pages.map((page) => [page.path, page]));

/** GitHub's and VitePress's rule for a heading's address, as far as our headings go. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, words = ""]) => words);
  return new Set(
    headings.map((words) =>
      words
        .toLowerCase()
        .replace(/[`*,.:;?!'"()<>\\/–]/g, "")
        .trim()
        .replace(/ /g, "-"),
    ),
  );
}

function linksOf({ path, text }: Page): { readonly page: string; readonly anchor: string }[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, "");
  return [...prose.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, target = ""]) => {
    const [file = "", anchor = ""] = target.split("#");
    return { page: file === "" ? path : join(path, "..", file), anchor };
  });
}

describe("the pages of the site", () => {
  test.each(pages.map((page) => [page.path, page] as const))(
    "%s links to what is there",
    (_, page) => {
      for (const { page: aimed, anchor } of linksOf(page)) {
        const found = byPath.get(aimed);
        expect([aimed, found?.path]).toEqual([aimed, aimed]);
        if (found !== undefined && anchor !== "") expect([...anchorsOf(found)]).toContain(anchor);
      }
    },
  );

  test("each code has one that says what is wrong, whose it is and what is next", () => {
    for (const [code, { owner }] of Object.entries(ADVICE)) {
      const text = byPath.get(`errors/${code}.md`)?.text ?? "";
      expect(text).toContain(`# \`${code}\``);
      expect(text).toContain(`- Owner: ${owner}`);
      expect(text).toMatch(/^- Next: .+/m);
    }
  });

  test("every page stands in the bar at the side and, but for the codes, in llms.txt", () => {
    const links = new Set(
      sidebarOf(ROOT, pages).flatMap(({ items }) => items.map(({ link }) => link)),
    );
    const told = llmsText(pages);
    for (const { path } of pages) {
      expect([...links]).toContain(`/${path.replace(/(index)?\.md$/, "")}`);
      if (!path.startsWith("errors/")) expect(told).toContain(`](/${path}): `);
    }
  });

  test("nothing of the project is lost on the way: each page has all the headings of its source", () => {
    const headings = (text: string) => [...text.matchAll(/^## .+$/gm)].length;
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    expect(headings(byPath.get("index.md")?.text ?? "")).toBe(headings(readme));
  });

  test("what stands in the repository alone is named by its path", () => {
    expect(byPath.get("questions.md")?.text).toContain("(`test/lambda/sweep/pairs.test.ts`)");
  });
});
