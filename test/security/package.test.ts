import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PROJECT = join(__dirname, "../..");

interface PackageFile {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const own = readJson<PackageFile>("package.json");
const declared = Object.keys({ ...own.dependencies, ...own.devDependencies }).sort();

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(PROJECT, file), "utf8")) as T;
}

/** Licences that ask for nothing but to be named; texts and data of tools may be under Creative Commons. */
const COMPATIBLE = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC-BY-3.0",
  "CC-BY-4.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
  "Unlicense",
]);

/** Packages whose package.json points at a file, and what that file says. */
const READ_BY_HAND: Readonly<Record<string, string>> = { "@logdna/tail-file": "MIT" };

/** The rows of docs/dependencies.md: package, reason, licence. */
function documented(): { name: string; why: string; licence: string }[] {
  const page = readFileSync(join(PROJECT, "docs/dependencies.md"), "utf8");
  return [...page.matchAll(/^\| `([^`]+)` \| (.+) \| (.+) \|$/gm)].map(
    ([, name = "", why = "", licence = ""]) => ({ name, why, licence }),
  );
}

describe("dependencies", () => {
  test("each stands in docs/dependencies.md once, and nothing else does", () => {
    expect(
      documented()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(declared);
  });

  test("each has the licence that the page names", () => {
    const found = documented().map(({ name }) => [
      name,
      readJson<{ license: string }>(`node_modules/${name}/package.json`).license,
    ]);
    expect(found).toEqual(documented().map(({ name, licence }) => [name, licence]));
  });

  test("versions are pinned", () => {
    const versions = Object.values({ ...own.dependencies, ...own.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("every installed package has a licence that is compatible with ours", () => {
    const lock = readJson<{ packages: Record<string, { license?: string }> }>("package-lock.json");
    const folders = Object.keys(lock.packages).filter(
      (folder) => folder !== "" && existsSync(join(PROJECT, folder, "package.json")),
    );
    expect(folders.length).toBeGreaterThan(300);
    const odd = folders
      .map((folder) => [folder, licenceOf(folder)] as const)
      .filter(([, licence]) => !isCompatible(licence));
    expect(odd).toEqual([]);
  });

  test.each([
    ["MIT OR GPL-3.0", true],
    ["(BSD-3-Clause AND Apache-2.0)", true],
    ["MIT AND GPL-3.0", false],
    ["GPL-3.0", false],
    ["", false],
  ])("of the licence %p we say %p", (licence, says) => {
    expect(isCompatible(licence)).toBe(says);
  });
});

function licenceOf(folder: string): string {
  const name = folder.split("node_modules/").at(-1) ?? "";
  const known = READ_BY_HAND[name];
  if (known !== undefined) return known;
  const { license, licenses } = readJson<{ license?: unknown; licenses?: { type: string }[] }>(
    `${folder}/package.json`,
  );
  if (typeof license === "string") return license;
  const named = (license as { type?: string } | undefined)?.type;
  return named ?? (licenses ?? []).map(({ type }) => type).join(" OR ");
}

/** One alternative is enough, and of it every part. */
function isCompatible(licence: string): boolean {
  return licence
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((part) => COMPATIBLE.has(part.trim())));
}
