import { createHash } from "node:crypto";

/** A page for a person: plain text in, HTML out. */
export interface Page {
  readonly title: string;
  /** Paragraphs. */
  readonly says: readonly string[];
  /** A path of this endpoint that the page links to. */
  readonly link?: { readonly path: string; readonly text: string };
  /** What to quote to whoever sent the link. */
  readonly reference?: string;
}

const STYLE =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.5rem;color:#1a1c1d;background:#f6f6f7}h1{font-size:1.5rem}a{color:#005bd3}small{color:#616161}";

/** What a Content-Security-Policy names, so that the page's own style is the only thing it allows. */
export const STYLE_SOURCE = `'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`;

/** The page as HTML; every text is escaped. */
export function encodePage(page: Page): string {
  const { link, reference } = page;
  const parts = [
    `<h1>${escapeHtml(page.title)}</h1>`,
    ...page.says.map((text) => `<p>${escapeHtml(text)}</p>`),
    ...(link === undefined
      ? []
      : [`<p><a href="${escapeHtml(link.path)}">${escapeHtml(link.text)}</a></p>`]),
    ...(reference === undefined
      ? []
      : [`<p><small>Reference: ${escapeHtml(reference)}</small></p>`]),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${parts.join("\n")}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
