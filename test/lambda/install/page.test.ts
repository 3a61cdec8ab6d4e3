import { createHash } from "node:crypto";
import { encodePage, STYLE_SOURCE } from "../../../lambda/install/page";
import { pageReply } from "../../../lambda/install/reply";

const PAGE = {
  mark: "open",
  title: "Please <approve> again",
  says: ["One & two", 'Three "four"'],
  link: { path: "/install/acme", text: "Start again" },
  reference: "code_exchange_lost",
} as const;
const html = encodePage(PAGE);
const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";

test("every text is escaped", () => {
  expect(html).toContain("<title>Please &#60;approve&#62; again</title>");
  expect(html).toContain("<p>One &#38; two</p>");
  expect(html).toContain("<p>Three &#34;four&#34;</p>");
});

test("a browser needs nothing but the page, and its policy allows the page's own style", () => {
  expect(html).not.toMatch(/\b(src|srcset|style|on\w+)=|url\(|@import|<script|https?:/);
  expect(STYLE_SOURCE).toBe(`'sha256-${createHash("sha256").update(style).digest("base64")}'`);
});

test("a browser does not ask the endpoint for an icon, which no route of it serves", () => {
  expect(html).toContain('<link rel="icon" href="data:,">');
  expect(pageReply(200, PAGE).headers["content-security-policy"]).toContain("img-src data:;");
});

test("a screen reader learns the language and the title, and is spared the mark", () => {
  expect(html).toContain('<html lang="en">');
  expect(html.match(/<h1>/g)).toHaveLength(1);
  expect(html).toContain("<main>");
  expect(html).toMatch(/<span class="mark open" aria-hidden="true">!<\/span>/);
  expect(html).toContain('name="viewport"');
});

/** A colour of a rule, in the light or in the dark style. */
function colourOf(selector: string, property: string, theme: "light" | "dark"): string {
  const [light = "", dark = ""] = style.split("@media(prefers-color-scheme:dark)");
  const find = (css: string) =>
    new RegExp(`${selector.replace(".", "\\.")}\\{[^}]*?(?<![-\\w])${property}:(#\\w+)`).exec(
      css,
    )?.[1];
  const found = (theme === "dark" ? find(dark) : undefined) ?? find(light);
  if (found === undefined) throw new Error(`${selector} has no ${property}`);
  return found;
}

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test.each([
  ["body", "main"],
  [".done", ".done"],
  [".open", ".open"],
  [".act", ".act"],
  [".ref", "main"],
])("the text of %s can be read in both styles", (text, ground) => {
  for (const theme of ["light", "dark"] as const) {
    const colours = [
      colourOf(text, "color", theme),
      colourOf(ground, "background", theme),
    ] as const;
    expect([theme, contrast(...colours) >= 4.5]).toEqual([theme, true]);
  }
});
