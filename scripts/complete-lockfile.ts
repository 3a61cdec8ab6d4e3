import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LOCKFILE = join(__dirname, "../package-lock.json");

export interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

interface Lockfile {
  packages: Record<string, LockedPackage>;
}

const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "wasm32",
  "win32",
];
const LIBCS: Readonly<Record<string, string>> = {
  gnu: "glibc",
  glibc: "glibc",
  gnueabihf: "glibc",
  musl: "musl",
  musleabihf: "musl",
};

/** The platform packages that some package wants and the lockfile does not have, as the entries that it should have. */
export function missingPlatformPackages(lockfile: Lockfile): Record<string, LockedPackage> {
  const missing: Record<string, LockedPackage> = {};
  for (const [path, locked] of Object.entries(lockfile.packages)) {
    for (const [name, range] of Object.entries(locked.optionalDependencies ?? {})) {
      if (isLocked(lockfile, path, name) || !/^\d+\.\d+\.\d+/.test(range)) continue;
      missing[`node_modules/${name}`] = platformEntry(name, range, locked.dev === true);
    }
  }
  return missing;
}

function isLocked(lockfile: Lockfile, path: string, name: string): boolean {
  return (
    `${path}/node_modules/${name}` in lockfile.packages ||
    `node_modules/${name}` in lockfile.packages
  );
}

/** Its platform is part of its name, as in `@swc/core-linux-arm64-gnu`. */
function platformEntry(name: string, version: string, isDev: boolean): LockedPackage {
  const words = name.split("/").at(-1)?.split("-") ?? [];
  const at = words.findIndex((word) => SYSTEMS.includes(word));
  if (at < 0) throw new Error(`cannot tell the platform of ${name}`);
  const [system = "", processor, abi = ""] = words.slice(at);
  const libc = LIBCS[abi];
  return {
    version,
    ...(isDev ? { dev: true } : {}),
    optional: true,
    ...(system === "wasm32" ? { cpu: ["wasm32"] } : { os: [system], cpu: [processor ?? ""] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
  };
}

/**
 * Adds what `npm install` leaves out of the lockfile where a registry does not serve the packages of other
 * platforms; without them `npm ci` refuses the lockfile that npm itself has just written (npm/cli#9846).
 * They carry no checksum, because nobody here could see them.
 */
function main(): void {
  const lockfile = JSON.parse(readFileSync(LOCKFILE, "utf8")) as Lockfile;
  const missing = missingPlatformPackages(lockfile);
  const packages = Object.entries({ ...lockfile.packages, ...missing });
  packages.sort(([one], [other]) => (one < other ? -1 : 1));
  const completed = { ...lockfile, packages: Object.fromEntries(packages) };
  writeFileSync(LOCKFILE, `${JSON.stringify(completed, null, 2)}\n`);
  process.stdout.write(`${Object.keys(missing).length} platform packages added to the lockfile\n`);
}

if (require.main === module) main();
