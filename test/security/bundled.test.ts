import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, entryPoints } from "../../scripts/build-bundles";
import { buildCli } from "../../scripts/build-cli";
import { buildReader } from "../../scripts/build-reader";
import { type BundledPackage, packagesIn, writeNotices } from "../../scripts/third-party";

const PROJECT = join(__dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "bundled-"));
let packages: readonly BundledPackage[];

beforeAll(async () => {
  const functions = [...entryPoints()].map(([name, entryPoint]) =>
    bundle(entryPoint, join(scratch, name)),
  );
  const command = buildCli(join(scratch, "command.js"));
  packages = packagesIn(...(await Promise.all([...functions, command])));
});

afterAll(() => rmSync(scratch, { recursive: true }));

describe("the packages whose code is deployed", () => {
  test("are those of docs/dependencies.md", () => {
    const page = readFileSync(join(PROJECT, "docs/dependencies.md"), "utf8");
    const [, list = ""] = page.split("## Known vulnerabilities");
    const documented = [...list.matchAll(/^- (.+?)(?::.*)?$/gm)].flatMap(([, names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
    );
    const found = packages.map(({ name }) => name.replace(/^(@[^/]+\/).*/, "$1*"));
    expect([...new Set(found)].sort()).toEqual(documented.sort());
  });

  test("are few, and each brings the text of its licence, or is under one that another brings", () => {
    expect(packages.length).toBeLessThan(42);
    const brought = packages.filter(({ text }) => text.length > 200);
    const licences = new Set(brought.map(({ licence }) => licence));
    expect(packages.filter(({ licence }) => !licences.has(licence))).toEqual([]);
    expect(brought.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["@smithy/core", "bowser", "undici", "valibot"]),
    );
  });

  test("are named in the notices with their versions and their texts, a shared one once", () => {
    const file = join(scratch, "notices.txt");
    writeNotices(file, packages);
    const notices = readFileSync(file, "utf8");
    expect(notices.length).toBeLessThan(packages.map(({ text }) => text).join("").length / 2);
    for (const { name, version, text } of packages) {
      expect(notices).toContain(`${name} ${version}`);
      expect(notices).toContain(text);
    }
  });
});

test("the reader carries the code of valibot, and its notice", async () => {
  const folder = join(scratch, "reader");
  await buildReader(folder);
  const notices = readFileSync(join(folder, "third-party.txt"), "utf8");
  expect([...notices.matchAll(/^(\S+) \d+\.\d+\.\d+ \(/gm)].map(([, name]) => name)).toEqual([
    "valibot",
  ]);
  expect(notices).toContain("Permission is hereby granted, free of charge");
});
