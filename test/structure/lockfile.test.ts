import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type LockedPackage, missingPlatformPackages } from "../../scripts/complete-lockfile";

const ROOT = join(__dirname, "../..");
const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const lockfile = JSON.parse(textOf("package-lock.json")) as {
  packages: Record<string, LockedPackage & { readonly integrity?: string }>;
};

describe("the lockfile", () => {
  test("has every platform's packages, or npm ci refuses it", () => {
    expect(missingPlatformPackages(lockfile)).toEqual({});
  });

  test("has a checksum of every package but of development tools' binaries for other platforms", () => {
    const without = Object.entries(lockfile.packages).filter(
      ([path, { integrity }]) => path !== "" && integrity === undefined,
    );
    const odd = without.filter(
      ([, { dev, optional, os, cpu, libc }]) =>
        dev !== true ||
        optional !== true ||
        (os?.includes("linux") &&
          ["x64", "arm64"].includes(cpu?.[0] ?? "") &&
          !libc?.includes("musl")),
    );
    expect(odd).toEqual([]);
  });

  test.each(["package-lock.json", "test/mutation/package-lock.json"])(
    "names no registry: %s",
    (file) => {
      expect(textOf(file)).not.toMatch(/"resolved": "https?:/);
    },
  );

  test("a missing platform package is seen, with its platform", () => {
    const packages = {
      "node_modules/@swc/core": {
        version: "1.2.3",
        dev: true,
        optionalDependencies: {
          "@swc/core-linux-arm64-musl": "1.2.3",
          "@swc/core-win32-x64-msvc": "1.2.3",
        },
      },
    };
    expect(missingPlatformPackages({ packages })).toEqual({
      "node_modules/@swc/core-linux-arm64-musl": {
        version: "1.2.3",
        dev: true,
        optional: true,
        os: ["linux"],
        cpu: ["arm64"],
        libc: ["musl"],
      },
      "node_modules/@swc/core-win32-x64-msvc": {
        version: "1.2.3",
        dev: true,
        optional: true,
        os: ["win32"],
        cpu: ["x64"],
      },
    });
  });
});
