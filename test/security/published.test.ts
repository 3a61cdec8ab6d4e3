import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const PROJECT = join(__dirname, "../..");

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

interface PackageFile {
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
}

const own = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as PackageFile;
const published = packed();

/** What npm would publish of the checkout as it is; the folders of the library are there once it was built. */
function packed(): string[] {
  const options = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const said = execFileSync("npm", options, { cwd: PROJECT, encoding: "utf8", stdio: "pipe" });
  const answer = JSON.parse(said) as readonly Packed[] | Readonly<Record<string, Packed>>;
  return Object.values(answer).flatMap(({ files }) => files.map(({ path }) => path));
}

/** Files that are published as they are named. */
const NAMED = new Set([
  "LICENSE",
  "README.md",
  "SECURITY.md",
  "package.json",
  // What Pulumi starts for a program in any language.
  "PulumiPlugin.yaml",
  "infra/package/plugin.cjs",
  "dist/package/main.js",
  "dist/package/schema.json",
  "dist/third-party/package.txt",
  "docs/grafana-dashboard.json",
  "dist/cli/main.js",
  "dist/third-party/command.txt",
  "dist/third-party/functions.txt",
  ...["apply", "enrol", "install", "rotate", "sweep", "sweep-queue"].map(
    (role) => `dist/lambda/${role}/index.mjs`,
  ),
  "dist/reader/package.json",
  "dist/reader/third-party.txt",
  "dist/reader/elsewhere.cjs",
  ...["index", "session-storage", "testing"].flatMap((entry) =>
    [".cjs", ".mjs", ".d.cts", ".d.mts"].map((end) => `dist/reader/${entry}${end}`),
  ),
]);

/** Whether a file is one of those that the package is for, made from a source that is still there. */
function isExpected(path: string): boolean {
  if (NAMED.has(path)) return true;
  const page = /^docs\/(?:decisions\/)?(?:[a-z-]+|README)\.md$/.exec(path);
  if (page !== null) return true;
  const [, source] =
    /^dist\/(?:reader\/types\/)?((?:contract|infra|reader)\/[a-z/-]+)\.(?:d\.ts|js)$/.exec(path) ??
    [];
  return source !== undefined && existsSync(join(PROJECT, `${source}.ts`));
}

/** Every path that package.json points at. */
function targetsOf(value: unknown): string[] {
  if (typeof value === "string") return [value.replace(/^\.\//, "")];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(targetsOf) : [];
}

describe("the published package", () => {
  test("holds what it is for and nothing else", () => {
    expect(published.filter((path) => !isExpected(path))).toEqual([]);
    expect([...NAMED].filter((path) => !published.includes(path))).toEqual([]);
    const found = readdirSync(join(PROJECT, "docs"), { recursive: true, encoding: "utf8" });
    const pages = found.filter((name) => name.endsWith(".md"));
    expect(published.filter((path) => /^docs\/.*\.md$/.test(path))).toHaveLength(pages.length);
  });

  test.each([
    "test/security/leaks.ts",
    "local/world/world.ts",
    "dist/local/provider/main.js",
    "dist/cli/main.js.map",
    "dist/lambda/sweep/index.mjs.map",
    "dist/infra/of-yesterday.js",
    ".ci/run",
    ".npmrc",
    "Pulumi.dev.yaml",
    ".env",
    "docs/client-secret.txt",
  ])("%s has no place in it", (path) => {
    expect(isExpected(path)).toBe(false);
    expect(published).not.toContain(path);
  });

  test("has everything that its entries name", () => {
    const targets = [...targetsOf(own.exports), ...targetsOf(own.bin)];
    const unpublished = targets.filter(
      (target) => target !== "package.json" && !own.files.some((file) => target.startsWith(file)),
    );
    expect(targets.length).toBeGreaterThan(5);
    expect(unpublished).toEqual([]);
  });

  test("shows no token, no key, no map of its sources, and no folder of the machine that built it", () => {
    const odd = /shp[a-z]{2}_[0-9a-f]{32}|AKIA[0-9A-Z]{16}|-----BEGIN|\/\/# sourceMappingURL/;
    const places = [PROJECT, homedir()].filter((place) => place.length > 1);
    const found = published.filter((path) => {
      const text = readFileSync(join(PROJECT, path), "utf8");
      return odd.test(text) || places.some((place) => text.includes(`${place}/`));
    });
    expect(found).toEqual([]);
  });
});
