import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Metafile } from "esbuild";

const PROJECT = join(__dirname, "..");
const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i;

/** A package whose code is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** What its licence and notice files say; empty when it has none. */
  readonly text: string;
}

/** The packages whose code is in what was bundled, by name. */
export function packagesIn(...metafiles: readonly Metafile[]): BundledPackage[] {
  const files = metafiles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.entries(inputs))
    .flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
  const folders = files.flatMap((file) => {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
    return folder === undefined ? [] : [folder];
  });
  return [...new Set(folders)]
    .map((folder) => readPackage(join(PROJECT, folder)))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as { name: string; version: string; license: string };
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), "utf8").trim());
  return { name, version, licence: license, text: texts.join("\n\n") };
}

/**
 * Writes whose code is in a bundle, with the notices that have to go with it; a text that many share stands
 * once, and a package without one comes last, under the licence that its package.json names.
 */
export function writeNotices(file: string, packages: readonly BundledPackage[]): void {
  const texts = new Map<string, string[]>();
  const textsFirst = [...packages].sort(
    (one, other) => Number(one.text === "") - Number(other.text === ""),
  );
  for (const { name, version, licence, text } of textsFirst) {
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const parts = [...texts].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `Code of these packages is in here.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`,
  );
}
