import { createHash, type Hash } from "node:crypto";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The hash of a folder's whole content, as `sha256-<base64>`: names, contents, links and which files may be executed.
 *
 * It is the hash of the folder as a Nix archive (Nix manual, Protocols, Nix Archive format), because that is how
 * others write down what an unpacked release holds.
 */
export async function treeHashOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  feed(hash, "nix-archive-1");
  await feedFolder(hash, folder);
  return `sha256-${hash.digest("base64")}`;
}

async function feedFolder(hash: Hash, folder: string): Promise<void> {
  feed(hash, "(", "type", "directory");
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
  for (const entry of entries) {
    feed(hash, "entry", "(", "name", entry.name, "node");
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await feedFolder(hash, path);
    else if (entry.isSymbolicLink()) await feedLink(hash, path);
    else await feedFile(hash, path);
    feed(hash, ")");
  }
  feed(hash, ")");
}

async function feedLink(hash: Hash, path: string): Promise<void> {
  feed(hash, "(", "type", "symlink", "target", await readlink(path), ")");
}

async function feedFile(hash: Hash, path: string): Promise<void> {
  feed(hash, "(", "type", "regular");
  const { mode } = await stat(path);
  if ((mode & 0o100) !== 0) feed(hash, "executable", "");
  feed(hash, "contents", await readFile(path), ")");
}

/** Each part with its length before it, and filled up to eight bytes. */
function feed(hash: Hash, ...parts: readonly (string | Buffer)[]): void {
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hash.update(length).update(bytes);
    hash.update(Buffer.alloc((8 - (bytes.length % 8)) % 8));
  }
}
