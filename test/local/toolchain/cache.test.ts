import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolderOf, ensureEntry, readEntry, removeTree } from "../../../local/toolchain/cache";
import { platformName } from "../../../local/toolchain/machine";
import { SILENT_PROGRESS } from "../../../local/toolchain/progress";
import { createFakeMachine, putExecutable, removeFakeMachines } from "./fake-machine";

afterEach(removeFakeMachines);

test.each([
  ["linux", { SHOPIFY_SECRETS_CACHE: "/own", XDG_CACHE_HOME: "/xdg" }, "/own"],
  ["linux", { XDG_CACHE_HOME: "/xdg" }, "/xdg/shopify-secrets"],
  ["linux", { SHOPIFY_SECRETS_CACHE: "", XDG_CACHE_HOME: "" }, "/home/me/.cache/shopify-secrets"],
  ["darwin", {}, "/home/me/Library/Caches/shopify-secrets"],
] as const)("on %s with %j the cache folder is %s", (platform, env, folder) => {
  expect(cacheFolderOf({ platform, env, home: "/home/me" })).toBe(folder);
});

test.each([
  ["linux", "x64", "linux-x64"],
  ["darwin", "arm64", "darwin-arm64"],
] as const)("%s on %s is called %s", (platform, arch, name) => {
  expect(platformName({ platform, arch })).toBe(name);
});

const plan = {
  name: "thing-1",
  fill: async (folder: string) => {
    await writeFile(join(folder, "file"), "text");
    await mkdir(join(folder, "sub"));
    return { files: ["file", "sub"], facts: { colour: "blue" } };
  },
};

test("an entry gets its name only when it is whole", async () => {
  const machine = await createFakeMachine();
  const seen: string[][] = [];
  const fill = async (folder: string) => {
    seen.push(await readdir(machine.cache));
    return plan.fill(folder);
  };
  const entry = await ensureEntry(machine, { ...plan, fill }, SILENT_PROGRESS);
  expect(seen).toEqual([[`thing-1.building-${process.pid}`, "thing-1.lock"]]);
  expect(entry).toEqual({ folder: join(machine.cache, "thing-1"), facts: { colour: "blue" } });
  expect(await readEntry(entry.folder)).toEqual(entry);
});

test("an entry that names a file which it does not have is never published", async () => {
  const machine = await createFakeMachine();
  const fill = async () => ({ files: ["absent"], facts: {} });
  await expect(ensureEntry(machine, { ...plan, fill }, SILENT_PROGRESS)).rejects.toThrow("ENOENT");
  expect(await readdir(machine.cache)).toEqual([]);
});

test("a cache folder that cannot be made is told with its path", async () => {
  const machine = await createFakeMachine();
  await writeFile(machine.cache, "a file is in the way");
  const failure = ensureEntry(machine, plan, SILENT_PROGRESS);
  await expect(failure).rejects.toMatchObject({ code: "cache_unwritable" });
  await expect(failure).rejects.toThrow(machine.cache);
});

test("a full disk while the entry is written is told as such", async () => {
  const machine = await createFakeMachine();
  const fill = async () => Promise.reject(Object.assign(new Error("write"), { code: "ENOSPC" }));
  const failure = ensureEntry(machine, { ...plan, fill }, SILENT_PROGRESS);
  await expect(failure).rejects.toMatchObject({ code: "disk_full" });
});

test("read-only folders, as Go's module cache has them, are removed as well", async () => {
  const { folder } = await createFakeMachine();
  const tree = join(folder, "tree");
  await putExecutable(join(tree, "module", "file"));
  await chmod(join(tree, "module"), 0o500);
  await chmod(tree, 0o500);
  await removeTree(tree);
  await expect(stat(tree)).rejects.toThrow("ENOENT");
});
