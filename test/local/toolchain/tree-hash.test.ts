import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { treeHashOf } from "../../../local/toolchain/tree-hash";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tree-hash-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function fill(): Promise<void> {
  await mkdir(join(folder, "A"));
  await mkdir(join(folder, "b"));
  await writeFile(join(folder, "hello.txt"), "Hello, World!\n");
  await writeFile(join(folder, "a"), "");
  await writeFile(join(folder, "\u00e9"), "x".repeat(17));
  await writeFile(join(folder, "b", "run.sh"), "#!/bin/sh\necho hi\n", { mode: 0o755 });
  await symlink("../hello.txt", join(folder, "b", "link"));
}

test("an empty folder has the hash that Nix gives it", async () => {
  expect(await treeHashOf(folder)).toBe("sha256-pQpattmS9VmO3ZIQUFn66az8GSmB4IvYhTTCFn6SUmo=");
});

// The expected hash was made with another implementation: `compute_nar_hashes` of swh.core 5.0.1 (PyPI).
test("files, folders, links, and what may be executed are all in it", async () => {
  await fill();
  expect(await treeHashOf(folder)).toBe("sha256-rGSQBPOk9DZU1Al6HfWYV2KpseQW5nVZfqWRKbA45ag=");
});

test.each<[string, () => Promise<void>]>([
  ["another content", () => writeFile(join(folder, "hello.txt"), "Hello, World?\n")],
  ["one file more", () => writeFile(join(folder, "more"), "")],
  [
    "another target",
    async () => {
      await rm(join(folder, "b", "link"));
      await symlink("../a", join(folder, "b", "link"));
    },
  ],
])("%s is another hash", async (_what, change) => {
  await fill();
  const before = await treeHashOf(folder);
  await change();
  expect(await treeHashOf(folder)).not.toBe(before);
});
