/** What is pinned here by version; go.sum and the requirements files beside pin the contents. */
export const ENGINE_VERSION = "3.256.0";
/** The last release of the Node language host that can be had as a Go module; it works with the engine above. */
export const LANGUAGE_HOST_VERSION = "3.66.0";
export const EMULATOR_VERSION = "1.5.33";
export const FUNCTIONS_NODE_VERSION = "24.19.0";

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
