import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { ADVICE, type ErrorCode } from "../../contract/errors";
import { sectionOfCode } from "./sections";

/** A page of the site: where it stands below the site's root, and its Markdown. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A part of the bar at the side. */
export interface Group {
  readonly text: string;
  readonly collapsed?: boolean;
  readonly items: readonly { readonly text: string; readonly link: string }[];
}

/** Every page and the file of the project that it comes from, by the part that it belongs to. */
const SOURCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Begin: {
    "index.md": "README.md",
    "questions.md": "docs/questions.md",
    "local-world.md": "docs/local-world.md",
  },
  Build: {
    "deploy.md": "docs/deploy.md",
    "install.md": "docs/install.md",
    "offline.md": "docs/offline.md",
    "signing.md": "docs/signing.md",
    "consuming.md": "docs/consuming.md",
    "fleets.md": "docs/fleets.md",
    "languages.md": "docs/languages.md",
    "other-tools.md": "docs/other-tools.md",
  },
  Run: {
    "operations.md": "docs/operations.md",
    "operators.md": "docs/operators.md",
    "security.md": "docs/security.md",
    "report-a-weakness.md": "SECURITY.md",
  },
  Understand: {
    "assumptions.md": "docs/assumptions.md",
    "benchmarks.md": "docs/benchmarks.md",
    "dependencies.md": "docs/dependencies.md",
    "changelog.md": "CHANGELOG.md",
  },
  Develop: {
    "architecture.md": "docs/architecture.md",
    "contributing.md": "CONTRIBUTING.md",
    "decisions/index.md": "docs/decisions/README.md",
  },
};

/** Every page that is made from the project's own files, the pages of the codes included. */
export function pagesOf(root: string): readonly Page[] {
  const sources = sourcesOf(root);
  const sites = new Map([...sources].map(([path, source]) => [source, path]));
  const files = [...sources].map(([path, source]) => ({
    path,
    source,
    text: readFileSync(join(root, source), "utf8"),
  }));
  const titles = new Map(files.map(({ path, text }) => [path, titleOf(text)]));
  const pages = files.map(({ path, source, text }) => ({
    path,
    text: withSiteLinks(withoutMarks(text), { path, source, sites, titles }),
  }));
  return [...pages, ...codePages(pages), codeIndex()];
}

/** A document without what the repository alone shows: the marks around its drawings, and its pictures. */
function withoutMarks(text: string): string {
  return text.replace(/^<!-- .* -->\n\n?/gm, "").replace(/^!\[[^\]]*\]\([^)]*\)\n\n?/gm, "");
}

/** The bar at the side, the reference of the exports included when it was made. */
export function sidebarOf(root: string, pages: readonly Page[]): readonly Group[] {
  const titles = new Map(pages.map(({ path, text }) => [path, titleOf(text)]));
  const item = (path: string) => ({ text: titles.get(path) ?? path, link: linkTo(path) });
  const groups = Object.entries(SOURCES).map(([text, own]) => ({
    text,
    items: Object.keys(own).map(item),
  }));
  const decisions = pages.filter(({ path }) => /^decisions\/(?!index)/.test(path));
  return [
    ...groups,
    { text: "Decisions", collapsed: true, items: decisions.map(({ path }) => item(path)) },
    ...(existsSync(join(root, API)) ? [{ text: "Reference", items: [REFERENCE] }] : []),
    { text: "Codes", collapsed: true, items: [CODES, ...codes().map(codeItem)] },
  ];
}

/** Where TypeDoc writes the reference, below the project. */
export const API = "scripts/site/.pages/api";
const REFERENCE = { text: "What the package exports", link: "/api/" };
const CODES = { text: "All codes", link: "/errors/" };

/** The site for a reader that is a language model: https://llmstxt.org. */
export function llmsText(pages: readonly Page[]): string {
  const lines = pages
    .filter(({ path }) => !path.startsWith("errors/") || path === "errors/index.md")
    .map(({ path, text }) => `- [${titleOf(text)}](/${path}): ${firstSentence(text)}`);
  return [
    "# shopify-secrets",
    "",
    "> An infrastructure-as-code program that keeps one AWS Secrets Manager secret per Shopify store filled with an Admin",
    "> API access token that works. Every error code has a page: /errors/<code>.md",
    "",
    "## Docs",
    "",
    ...lines,
    "",
  ].join("\n");
}

function sourcesOf(root: string): ReadonlyMap<string, string> {
  const named = Object.values(SOURCES).flatMap((own) => Object.entries(own));
  const decisions = readdirSync(join(root, "docs/decisions"))
    .filter((name) => name !== "README.md")
    .map((name) => [`decisions/${name}`, `docs/decisions/${name}`] as const);
  return new Map([...named, ...decisions]);
}

interface Place {
  readonly path: string;
  readonly source: string;
  /** The page of each source. */
  readonly sites: ReadonlyMap<string, string>;
  /** The title of each page: a link that shows a file's name in the repository shows that. */
  readonly titles: ReadonlyMap<string, string>;
}

/** Links between pages lead to pages; what stands in the repository alone is named by its path. */
function withSiteLinks(text: string, place: Place): string {
  return outsideOfCode(text, (line) =>
    line.replace(/\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)/g, (_, words: string, target: string) =>
      siteLink(words, target, place),
    ),
  );
}

function siteLink(words: string, target: string, place: Place): string {
  const { path, source, sites, titles } = place;
  const [file = "", anchor] = target.split("#");
  const aimed = normalize(join(dirname(source), file)).replace(/\/$/, "");
  const page = sites.get(aimed);
  if (page === undefined) {
    const name = `\`${aimed}\``;
    return words.replaceAll("`", "") === aimed ? name : `${words} (${name})`;
  }
  const link = relative(dirname(path), page) || page;
  const near = link.startsWith(".") ? link : `./${link}`;
  const shown = words === file ? (titles.get(page) ?? words) : words;
  return `[${shown}](${anchor === undefined ? near : `${near}#${anchor}`})`;
}

/** Changes the lines that are no code; braces that Vue would read as its own are written as text there. */
function outsideOfCode(text: string, change: (line: string) => string): string {
  let isCode = false;
  const lines = text.split("\n").map((line) => {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    else if (!isCode) return change(line).replaceAll("{{", "&#123;&#123;");
    return line;
  });
  return lines.join("\n");
}

const codes = (): readonly ErrorCode[] => (Object.keys(ADVICE) as ErrorCode[]).sort();
const codeItem = (code: ErrorCode) => ({ text: code, link: `/errors/${code}` });

/** One page for each code: its section of the operations page. */
function codePages(pages: readonly Page[]): readonly Page[] {
  const operations = pages.find(({ path }) => path === "operations.md")?.text ?? "";
  return codes().map((code) => {
    const section = sectionOfCode(operations, code)
      .trim()
      .replaceAll("](./", "](../")
      .replaceAll("](#", "](../operations.md#");
    const text = `# \`${code}\`\n\n${section}\n\n[All codes](./index.md) · [Where to look](../operations.md#where-to-look)\n`;
    return { path: `errors/${code}.md`, text };
  });
}

function codeIndex(): Page {
  const rows = codes().map((code) => {
    const { owner, says } = ADVICE[code];
    return `| [\`${code}\`](./${code}.md) | ${says.replaceAll("<", "\\<")} | ${owner} |`;
  });
  const text = [
    "# All codes",
    "",
    "| code | what is wrong | who can mend it |",
    "|---|---|---|",
    ...rows,
    "",
  ];
  return { path: "errors/index.md", text: text.join("\n") };
}

const linkTo = (path: string): string => `/${path.replace(/(index)?\.md$/, "")}`;

function titleOf(text: string): string {
  return (/^# (.+)$/m.exec(text)?.[1] ?? "").replaceAll("`", "");
}

function firstSentence(text: string): string {
  const paragraph = text.split("\n\n").find((part) => /^[A-Z]/.test(part)) ?? "";
  return (/^.*?[.:](?=\s|$)/s.exec(paragraph)?.[0] ?? paragraph).replace(/\s+/g, " ");
}
