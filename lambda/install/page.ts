import { createHash } from "node:crypto";
import { escapeHtml } from "../../contract/escape-html";

/** A page for a person: plain text in, HTML out. */
export interface Page {
  /** What the mark above the title shows: all is well, or something is left to do. */
  readonly mark: "done" | "open";
  readonly title: string;
  /** Paragraphs. */
  readonly says: readonly string[];
  /** Where the page links to: a path of this endpoint, or an address of Shopify's. */
  readonly link?: PageLink;
  /** A path of this endpoint that the page sends a form to. */
  readonly button?: { readonly path: string; readonly text: string };
  /** What to quote to whoever sent the link. */
  readonly reference?: string;
}

export interface PageLink {
  readonly path: string;
  readonly text: string;
  /** Whether it opens in place of the page that frames this one. */
  readonly leavesFrame?: true;
}

/** Only what the browser brings along: no font, picture or script is fetched. Contrast is at least 4.5 to 1. */
const STYLE = [
  ":root{color-scheme:light dark}",
  "*{box-sizing:border-box}",
  "body{margin:0;font:1.0625rem/1.55 system-ui,sans-serif;color:#202223;background:#f1f2f4;overflow-wrap:break-word}",
  "main{max-width:34rem;margin:10vh auto;padding:2rem;background:#fff;border:1px solid #d9dbde;border-radius:12px}",
  ".mark{display:block;width:3rem;height:3rem;margin:0 0 1rem;border-radius:50%;font-size:1.5rem;line-height:3rem;font-weight:700;text-align:center}",
  ".done{color:#0b5c2e;background:#d7f0df}",
  ".open{color:#5e4200;background:#ffeab8}",
  "h1{margin:0 0 1rem;font-size:1.4rem;line-height:1.3}",
  "p{margin:0 0 1rem}",
  "main>:last-child{margin-bottom:0}",
  ".act{display:inline-block;padding:.7rem 1.3rem;border-radius:8px;color:#fff;background:#1f5199;font-weight:600;text-decoration:none}",
  "button.act{border:0;font:inherit;font-weight:600;cursor:pointer}",
  ".act:focus-visible{outline:3px solid #8fb8f0;outline-offset:2px}",
  ".ref{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid #d9dbde;font-size:.9rem;color:#5c5f62}",
  "@media(max-width:36rem){main{margin:0;min-height:100vh;border:0;border-radius:0;padding:3rem 1.5rem}}",
  "@media(prefers-color-scheme:dark){body{color:#e8e9ea;background:#1a1b1d}main{background:#26282b;border-color:#44474b}.done{color:#a6e5bb;background:#17402a}.open{color:#ffd97a;background:#4a3a10}.ref{color:#b4b7bb;border-color:#44474b}}",
].join("");

const MARKS: Readonly<Record<Page["mark"], string>> = { done: "\u2713", open: "!" };

/** What a Content-Security-Policy names, so that the page's own style is the only thing it allows. */
export const STYLE_SOURCE = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

/** A page without an icon of its own makes browsers ask for one, which is a route that is not there. */
const ICON = "data:,";

/** What a Content-Security-Policy names, so that the icon is no violation. */
export const ICON_SOURCE = "data:";

/** The page as HTML; every text is escaped. */
export function encodePage(page: Page): string {
  const { mark, link, button, reference } = page;
  const deps = [
    `<span class="mark ${mark}" aria-hidden="true">${MARKS[mark]}</span>`,
    `<h1>${escapeHtml(page.title)}</h1>`,
    ...page.says.map((text) => `<p>${escapeHtml(text)}</p>`),
    ...(link === undefined ? [] : [encodeLink(link)]),
    ...(button === undefined ? [] : [encodeButton(button)]),
    ...(reference === undefined ? [] : [`<p class="ref">Reference: ${escapeHtml(reference)}</p>`]),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<main>
${deps.join("\n")}
</main>
</body>
</html>
`;
}

function encodeLink({ path, text, leavesFrame }: PageLink): string {
  const target = leavesFrame ? ' target="_top" rel="noopener"' : "";
  return `<p><a class="act" href="${escapeHtml(path)}"${target}>${escapeHtml(text)}</a></p>`;
}

function encodeButton({ path, text }: NonNullable<Page["button"]>): string {
  return `<form method="post" action="${escapeHtml(path)}"><button class="act" type="submit" id="approve-again">${escapeHtml(text)}</button></form>`;
}
