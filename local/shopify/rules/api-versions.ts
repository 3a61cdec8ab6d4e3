const LATEST_KNOWN = "2026-10";
const SUPPORTED_COUNT = 4;
const VERSION = /^\d{4}-(01|04|07|10)$/;

export type VersionVerdict = { readonly served: string } | { readonly served?: never };

/** The stable versions at a moment, newest first: one a quarter, each supported for a year. */
export function stableVersions(now: number): string[] {
  const current = quarterOf(now);
  const newest = current > LATEST_KNOWN ? current : LATEST_KNOWN;
  return Array.from({ length: SUPPORTED_COUNT }, (_, age) => addQuarters(newest, -age));
}

/** Which version answers a request: a retired one falls forward silently, one that does not exist is not served. */
export function serveVersion(requested: string, now: number): VersionVerdict {
  if (requested === "unstable") return { served: requested };
  if (!VERSION.test(requested)) return {};
  const stable = stableVersions(now);
  const [newest = LATEST_KNOWN] = stable;
  if (requested > addQuarters(newest, 1)) return {};
  const oldest = stable.at(-1) ?? newest;
  return { served: requested < oldest ? oldest : requested };
}

function quarterOf(now: number): string {
  const date = new Date(now);
  return versionText(date.getUTCFullYear() * 4 + Math.floor(date.getUTCMonth() / 3));
}

function addQuarters(version: string, count: number): string {
  return versionText(Number(version.slice(0, 4)) * 4 + (Number(version.slice(5)) - 1) / 3 + count);
}

function versionText(quarters: number): string {
  return `${Math.floor(quarters / 4)}-${String((quarters % 4) * 3 + 1).padStart(2, "0")}`;
}
