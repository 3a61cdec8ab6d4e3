import { newestStable, retiresAt, standingOf } from "../../contract/api-versions";
import type { ApiVersion } from "../../contract/brands";
import { type EpochMs, isoOf } from "../../contract/time";
import { serveVersion, stableVersions } from "../../local/shopify/rules/api-versions";

const at = (text: string) => Date.parse(text) as EpochMs;
const v = (text: string) => text as ApiVersion;

test.each([
  ["2027-04", "unreleased"],
  ["2027-01", "candidate"],
  ["2026-10", "served"],
  ["2026-04", "served"],
  ["2026-01", "ending"],
  ["2025-10", "retired"],
] as const)("in November 2026 %s is %s", (version, standing) => {
  expect(standingOf(v(version), at("2026-11-28T12:00:00Z"))).toBe(standing);
});

test.each([
  { now: "2026-12-31T23:59:59Z", newest: "2026-10", standing: "ending" },
  { now: "2027-01-01T00:00:00Z", newest: "2027-01", standing: "retired" },
] as const)("at $now the newest is $newest, and 2026-01 is $standing", (row) => {
  expect(newestStable(at(row.now))).toBe(row.newest);
  expect(standingOf(v("2026-01"), at(row.now))).toBe(row.standing);
});

test("a version is retired four quarters after its own first day", () => {
  expect(isoOf(retiresAt(v("2026-10")))).toBe("2027-10-01T00:00:00Z");
  expect(isoOf(retiresAt(v("2026-01")))).toBe("2027-01-01T00:00:00Z");
});

test("the imitation of Shopify serves what is said to be served, and nothing else, for three years", () => {
  const versions = [2025, 2026, 2027, 2028, 2029, 2030].flatMap((year) =>
    ["01", "04", "07", "10"].map((month) => v(`${year}-${month}`)),
  );
  for (let month = 0; month < 36; month += 1) {
    const now = Date.UTC(2026, 10 + month, 28) as EpochMs;
    expect(newestStable(now)).toBe(stableVersions(now)[0]);
    for (const version of versions) {
      const { served } = serveVersion(version, now);
      const standing = standingOf(version, now);
      expect([version, served === undefined]).toEqual([version, standing === "unreleased"]);
      expect([version, served !== undefined && served !== version]).toEqual([
        version,
        standing === "retired",
      ]);
    }
  }
});
