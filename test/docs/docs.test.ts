import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { isApiVersion } from "../../contract/brands";
import { appUrlOf, callbackUrlOf, webhooksUrlOf } from "../../contract/install";
import { parseScopes } from "../../contract/scopes";
import { TOPICS } from "../../lambda/install/topics";
import { blocksOf, documents, PROJECT } from "./code-blocks";

// Its types are those of a module, and these tests are none.
const { parse: parseToml } = require("smol-toml") as { parse(text: string): unknown };

const LANGUAGES = ["ts", "sh", "yaml", "json", "text", "python", "go", "toml", "hcl", "mermaid"];

describe.each(documents())("%s", (file) => {
  const text = readFileSync(join(PROJECT, file), "utf8");

  test("names a known language on every code block", () => {
    const odd = blocksOf(file).filter((block) => !LANGUAGES.includes(block.language));
    expect(odd.map((block) => `${file}:${block.line}`)).toEqual([]);
  });

  test("links only to what exists", () => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)];
    const broken = links
      .map((link) => link[1] ?? "")
      .filter((target) => !existsSync(join(PROJECT, normalize(join(dirname(file), target)))));
    expect(broken).toEqual([]);
  });

  test("quotes every address that a shell would take apart", () => {
    const shell = blocksOf(file).filter(({ language }) => /^(?:sh|text)$/.test(language));
    const lines = shell.flatMap(({ code }) => code.split("\n"));
    // Outside of quotes, in a line that begins with a command: an & would send it to the background, zsh stops at ?.
    const apart = lines.filter(
      (line) =>
        /^\s*(?:pulumi|aws|npx|npm|curl)\b/.test(line) &&
        /\w:\/\/\S*[?&]/.test(line.replaceAll(/"[^"]*"|'[^']*'/g, "")),
    );
    expect(apart).toEqual([]);
  });

  test("runs only npm scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const shell = blocksOf(file).filter((block) => block.language === "sh");
    const named = shell.flatMap((block) => [
      ...block.code.matchAll(/npm run (?:--\w+ )*([a-z][\w:-]*)/g),
    ]);
    const unknown = named.map((match) => match[1] ?? "").filter((name) => !(name in scripts));
    expect(unknown).toEqual([]);
  });
});

test.each(["status-80", "status-160", "rotate-all-80", "rotate-all-160"])(
  "the README shows %s as the command prints it",
  (name) => {
    const printed = readFileSync(join(PROJECT, `test/cli/snapshots/${name}.snap.txt`), "utf8");
    const shown = blocksOf("README.md").map((block) => block.code);
    expect(shown).toContain(printed.trimEnd());
  },
);

test("every TypeScript block of the docs type-checks against the sources", () => {
  const folder = join(PROJECT, "node_modules/.cache/docs-blocks");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const blocks = documents()
    .flatMap(blocksOf)
    // Those of AWS CDK are run: test/e2e/other-tools.
    .filter((block) => block.language === "ts" && block.mark !== "cdk");
  cpSync(join(__dirname, "sst-platform.d.ts"), join(folder, ".sst/platform/config.d.ts"));
  for (const block of blocks) {
    const name = `${block.file.replace(/\W/g, "-")}-line-${block.line}.ts`;
    writeFileSync(join(folder, name), `${block.code}\nexport {};\n`);
  }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(docsTsconfig()));
  expect(typeCheck(folder)).toBe("");
});

describe("an app's configuration file", () => {
  const files = blocksOf("docs/install.md").filter((block) => block.language === "toml");

  test.each(files)("on line $line holds what an installation needs", ({ code }) => {
    const toml = parseToml(code) as {
      client_id: string;
      application_url: string;
      embedded: boolean;
      access_scopes: { scopes: string };
      auth: { redirect_urls: string[] };
      webhooks: { api_version: string; subscriptions: { topics: string[]; uri: string }[] };
    };
    const [redirect = ""] = toml.auth.redirect_urls;
    const baseUrl = redirect.replace(/\/callback$/, "");
    expect(redirect).toBe(callbackUrlOf(baseUrl));
    expect(toml.application_url).toBe(appUrlOf(baseUrl));
    expect(toml.embedded).toBe(false);
    expect(parseScopes(toml.access_scopes.scopes).length).toBeGreaterThan(0);
    expect(isApiVersion(toml.webhooks.api_version)).toBe(true);
    const [subscription] = toml.webhooks.subscriptions;
    expect(subscription?.uri).toBe(webhooksUrlOf(baseUrl));
    expect(subscription?.topics.sort()).toEqual(Object.keys(TOPICS).sort());
  });

  test("of a public app subscribes to the topics that Shopify's review asks for", () => {
    const [, publicApp] = files;
    expect(JSON.stringify(parseToml(publicApp?.code ?? ""))).toContain(
      '"compliance_topics":["customers/data_request","customers/redact","shop/redact"]',
    );
  });
});

function docsTsconfig(): unknown {
  return {
    extends: "../../../tsconfig.json",
    compilerOptions: {
      module: "esnext", // the blocks use top-level await, as an application's module would
      moduleResolution: "bundler",
      target: "es2022",
      incremental: false,
      tsBuildInfoFile: null,
      noUnusedLocals: false,
      paths: {
        "shopify-secrets": ["../../../infra/library.ts"],
        "shopify-secrets/reader": ["../../../reader/index.ts"],
        "shopify-secrets/session-storage": ["../../../reader/session-storage/index.ts"],
        "shopify-secrets/testing": ["../../../reader/testing/index.ts"],
      },
    },
    include: ["*.ts"],
  };
}

/** What the compiler complains about; empty when all is well. */
function typeCheck(folder: string): string {
  try {
    const compiler = join(PROJECT, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [compiler, "--noEmit", "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  }
}
