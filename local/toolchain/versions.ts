/** What is pinned here by version; go.sum and the requirements files beside pin the contents. */
export const ENGINE_VERSION = "3.256.0";
/** The last release of the Node language host that can be had as a Go module; it works with the engine above. */
export const LANGUAGE_HOST_VERSION = "3.66.0";
/** The hosts of programs in other languages: the last ones that can be had as Go modules, and what a program in Python imports. */
export const YAML_HOST_VERSION = "1.25.0";
export const PYTHON_HOST_VERSION = "3.66.0";
export const GO_HOST_VERSION = "3.66.0";
export const PYTHON_SDK_VERSION = "3.248.0";
export const EMULATOR_VERSION = "1.5.33";
export const FUNCTIONS_NODE_VERSION = "24.19.0";

/**
 * What the unpacked engine of that version holds, by platform. Its makers state hashes of their archives, which the
 * official npm package unpacks unseen; this is the hash of the unpacked files, as others who use them wrote it down
 * (`narHash` of a `fetchTree`). Platforms that are missing have no such record.
 */
export const ENGINE_TREES: Readonly<Record<string, string>> = {
  "linux-x64": "sha256-t6NmjvgfA/J11LuYBB/36X+z47NzqdJjcj7vXzLpXso=",
};

/** A pulumi on PATH is used from this version on. */
export const OLDEST_ENGINE: Version = [3, 200];
/** What the modules of the engine need, as the go lines of their go.mod say. */
export const OLDEST_GO: Version = [1, 26];

/** Major and minor. */
export type Version = readonly [major: number, minor: number];

/** Finds the first version in a text such as `v3.256.0` or `go version go1.26.8 linux/amd64`. */
export function parseVersion(text: string): Version | undefined {
  const found = /(\d+)\.(\d+)/.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

/** Whether `version` is `oldest` or later. */
export function isAtLeast(version: Version | undefined, oldest: Version): boolean {
  if (version === undefined) return false;
  return version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]);
}
