import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { zipArchive } from "../../../local/provider/archive-zip";
import type { Properties } from "../../../local/provider/wire";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const archive = (parts: Properties): Properties => ({
  [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
  ...parts,
});
const asset = (parts: Properties): Properties => ({
  [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17",
  ...parts,
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "archive-zip-"));
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string, at = new Date("2026-01-01")): string {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  utimesSync(file, at, at);
  return file;
}

const contents = (bytes: Uint8Array) =>
  Object.fromEntries(
    Object.entries(unzipSync(bytes)).map(([name, file]) => [name, strFromU8(file)]),
  );

test("packs a folder with its subfolders", () => {
  write("index.mjs", "export {}");
  write("lib/deep/a.mjs", "a");
  expect(contents(zipArchive(archive({ path: folder })))).toEqual({
    "index.mjs": "export {}",
    "lib/deep/a.mjs": "a",
  });
});

test("gives the same bytes for the same files, whatever their age, the order of writing and the day", () => {
  jest.useFakeTimers({ now: new Date("2026-11-01") });
  write("a.mjs", "a");
  write("b.mjs", "b");
  const first = zipArchive(archive({ path: folder }));
  rmSync(join(folder, "a.mjs"));
  write("b.mjs", "b", new Date("2030-05-05"));
  write("a.mjs", "a", new Date("2031-06-06"));
  jest.setSystemTime(new Date("2026-12-24"));
  expect(Buffer.from(zipArchive(archive({ path: folder }))).equals(first)).toBe(true);
});

test("gives other bytes for other files", () => {
  write("a.mjs", "a");
  const first = zipArchive(archive({ path: folder }));
  write("a.mjs", "b");
  expect(Buffer.from(zipArchive(archive({ path: folder }))).equals(first)).toBe(false);
});

test("packs assets, archives inside it included", () => {
  write("lib/a.mjs", "a");
  const assets = {
    "index.mjs": asset({ text: "inline" }),
    "copy.mjs": asset({ path: join(folder, "lib/a.mjs") }),
    vendor: archive({ path: join(folder, "lib") }),
  };
  expect(contents(zipArchive(archive({ assets })))).toEqual({
    "index.mjs": "inline",
    "copy.mjs": "a",
    "vendor/a.mjs": "a",
  });
});

test("passes a ZIP file on as it is", () => {
  write("a.mjs", "a");
  const bytes = zipArchive(archive({ path: folder }));
  const file = join(folder, "code.zip");
  writeFileSync(file, bytes);
  expect(Buffer.from(zipArchive(archive({ path: file }))).equals(bytes)).toBe(true);
});

test("refuses an archive from elsewhere", () => {
  expect(() => zipArchive(archive({ uri: "https://example.com/a.zip" }))).toThrow(/folder/);
});
