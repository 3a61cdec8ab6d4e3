import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { drawingsIn, parsedDrawings } from "./drawings";
import { API, llmsText, pagesOf, sidebarOf } from "./pages";

const ROOT = join(__dirname, "..", "..");
const PAGES = join(__dirname, ".pages");
/** What a program or an application imports, by the file that exports it. */
const EXPORTS = {
  "infra/library": "shopify-secrets",
  "reader/session-storage": "shopify-secrets/session-storage",
  "reader/testing": "shopify-secrets/testing",
  reader: "shopify-secrets/reader",
} as const;
const FILES = [
  "infra/library",
  "reader/index",
  "reader/session-storage/index",
  "reader/testing/index",
];

/** Builds the site into dist/site; a link that leads nowhere, or a drawing that Mermaid does not read, ends it. */
async function main(): Promise<void> {
  rmSync(PAGES, { recursive: true, force: true });
  const pages = pagesOf(ROOT);
  const drawings = await parsedDrawings(drawingsIn(pages.map(({ text }) => text)));
  writeFileSync(join(__dirname, "drawings.json"), `${JSON.stringify(drawings, null, 2)}\n`);
  for (const { path, text } of pages) write(path, text);
  run("typedoc", [
    ...FILES.flatMap((file) => ["--entryPoints", join(ROOT, `${file}.ts`)]),
    ...["--plugin", "typedoc-plugin-markdown", "--out", join(ROOT, API)],
    ...["--tsconfig", join(ROOT, "tsconfig.json"), "--readme", "none", "--entryFileName", "index"],
    ...["--disableSources", "--excludePrivate", "--excludeInternal", "--skipErrorChecking"],
    ...["--sanitizeComments", "--hideBreadcrumbs", "--hidePageHeader", "--logLevel", "Error"],
  ]);
  nameModules(join(ROOT, API));
  write("sidebar.json", JSON.stringify(sidebarOf(ROOT, pages)));
  write("public/llms.txt", llmsText(pages));
  for (const { path, text } of pages) write(join("public", path), text);
  run("vitepress", ["build", __dirname]);
  process.stdout.write(`${pages.length} pages and the reference: dist/site\n`);
}

/** TypeDoc names a module by its file; people know it by what they import. */
function nameModules(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".md")) continue;
    const file = join(folder, name);
    const named = Object.entries(EXPORTS).reduce(
      (text, [module, name]) =>
        text
          .replace(new RegExp(`^# ${module}$`, "m"), `# ${name}`)
          .replaceAll(`[${module}](`, `[${name}](`),
      readFileSync(file, "utf8"),
    );
    writeFileSync(
      file,
      named.replace(
        /^# shopify-secrets$/m,
        name === "index.md" ? "# What the package exports" : "$&",
      ),
    );
  }
}

function write(path: string, text: string): void {
  const file = join(PAGES, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs a tool of the site's own packages, and ends when it fails. */
function run(tool: string, words: readonly string[]): void {
  const command = join(__dirname, "node_modules", ".bin", tool);
  const { status } = spawnSync(command, words, { cwd: __dirname, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
