import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { unzipSync, type Zippable, zipSync } from "fflate";
import { isArchive, isAsset, isObject, type Properties, type Value } from "./wire";

type Files = Map<string, Uint8Array>;

// ZIP's first day: a date of its own would make each archive of the same files another one.
const NO_TIME = new Date(1980, 0, 1);
const UNIX = 3;
const READABLE_FILE = 0o100644 << 16;

/** The bytes of a ZIP file with the archive's files; the same files give the same bytes. */
export function zipArchive(archive: Properties): Uint8Array {
  const given = typeof archive["path"] === "string" ? archive["path"] : undefined;
  if (given?.endsWith(".zip")) return readFileSync(given);
  const files = filesOf(archive);
  const names = [...files.keys()].sort();
  const entries: Zippable = {};
  for (const name of names) {
    entries[name] = [files.get(name) ?? new Uint8Array(), { os: UNIX, attrs: READABLE_FILE }];
  }
  return zipSync(entries, { mtime: NO_TIME, level: 9 });
}

function filesOf(archive: Properties): Files {
  const { path: folder, assets } = archive;
  if (typeof folder === "string") return readFolder(folder);
  if (!isObject(assets))
    throw new Error("an archive must name a folder, a .zip file or its assets");
  const files: Files = new Map();
  for (const [name, entry] of Object.entries(assets)) {
    for (const [inner, bytes] of entryFiles(entry)) files.set(path.posix.join(name, inner), bytes);
  }
  return files;
}

function entryFiles(entry: Value): Files {
  if (isArchive(entry)) return filesOf(entry);
  if (!isAsset(entry)) throw new Error("an archive may hold assets and archives only");
  const { text, path: file } = entry;
  if (typeof file === "string") return new Map([["", readFileSync(file)]]);
  if (typeof text === "string") return new Map([["", new TextEncoder().encode(text)]]);
  throw new Error("an asset must hold a path or a text");
}

function readFolder(folder: string): Files {
  if (statSync(folder).isFile()) return new Map(Object.entries(unzipSync(readFileSync(folder))));
  const files: Files = new Map();
  for (const entry of readdirSync(folder, { recursive: true })) {
    const file = path.join(folder, String(entry));
    const isFile = statSync(file).isFile();
    if (isFile) files.set(String(entry).split(path.sep).join("/"), readFileSync(file));
  }
  return files;
}
