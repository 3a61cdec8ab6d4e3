import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Patch, patched } from "../patch";

/** The checkout that the copies are made of; it is read and never written. */
export const CHECKOUT = join(__dirname, "../..");
/** What git does not know and tests need: the copies point at it. */
const SHARED = ["node_modules"];
/** The same, but a mistake may be built into it. */
const BUILT = ["dist"];

/** A copy of the project's files, to be spoilt. */
export class ScratchTree {
  readonly folder = mkdtempSync(join(tmpdir(), "shopify-secrets-mistakes-"));

  constructor() {
    for (const file of sourceFiles()) {
      const target = join(this.folder, file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(CHECKOUT, file), target);
    }
    for (const name of SHARED.filter((shared) => existsSync(join(CHECKOUT, shared)))) {
      symlinkSync(join(CHECKOUT, name), join(this.folder, name));
    }
    for (const name of BUILT.filter((built) => existsSync(join(CHECKOUT, built)))) {
      cpSync(join(CHECKOUT, name), join(this.folder, name), { recursive: true });
    }
  }

  /** Spoils the copy while `work` is done. */
  async with<T>(patches: readonly Patch[], work: () => Promise<T>): Promise<T> {
    const before = new Map<string, string>();
    try {
      for (const patch of patches) {
        const path = join(this.folder, patch.file);
        const source = readFileSync(path, "utf8");
        if (!before.has(path)) before.set(path, source);
        writeFileSync(path, patched(source, patch));
      }
      return await work();
    } finally {
      for (const [path, source] of before) writeFileSync(path, source);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Every file that is part of the project now, committed or not. */
function sourceFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
    cwd: CHECKOUT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split("\0").filter((file) => file !== "" && existsSync(join(CHECKOUT, file)));
}
