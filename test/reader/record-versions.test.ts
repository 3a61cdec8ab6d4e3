import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encodeRecord, RECORD_SCHEMA_VERSION } from "../../contract/record";
import { createSharedScopes } from "../../reader/shared-scopes";
import { storeTokenOf } from "../../reader/store-token";
import { recordOf, START } from "./records";

// Every released version of the record stays here for good: an application upgrades its reader long after the stack,
// or long before.
const FOLDER = join(__dirname, "fixtures");
const FIXTURES = readdirSync(FOLDER).sort();

const share = createSharedScopes();
const read = (text: string) => storeTokenOf({ secretArn: "arn", versionId: "one", text }, share);
const fixture = (name: string) => readFileSync(join(FOLDER, name), "utf8");

test("the version that is written now has its fixtures, one for each kind", () => {
  const own = FIXTURES.filter((name) => name.startsWith(`${RECORD_SCHEMA_VERSION}-`));
  const kinds = own.map((name) => read(fixture(name)).kind);
  expect([...new Set(kinds)].sort()).toEqual([
    "client-credentials",
    "custom-app",
    "offline",
    "offline-expiring",
  ]);
});

test.each(FIXTURES)("%s is read", (name) => {
  const token = read(fixture(name));
  expect(token.accessToken.unseal()).toBe("shpat_00000000000000000000000000000000");
  expect(token).toMatchObject({
    shop: "acme.myshopify.com",
    scopes: ["read_orders", "write_products"],
    apiVersion: "2026-10",
    graphqlUrl: "https://acme.myshopify.com/admin/api/2026-10/graphql.json",
    issuedAt: Date.parse("2026-11-23T08:00:00Z"),
  });
});

test.each([
  ["1.0-client-credentials.record", "2026-11-24T07:59:59Z"],
  ["1.0-offline-expiring.record", "2026-11-23T09:00:00Z"],
  ["1.7-unknown-keys.record", "2026-11-24T07:59:59Z"],
])("%s ends at %s", (name, expiresAt) => {
  expect(read(fixture(name)).expiresAt).toBe(Date.parse(expiresAt));
});

test.each(["1.0-custom-app.record", "1.0-offline.record"])("%s does not end", (name) => {
  expect(read(fixture(name)).expiresAt).toBeUndefined();
});

test("no token out of a record carries the refresh token, sealed or not", () => {
  const token = read(fixture("1.0-offline-expiring.record"));
  expect(Object.keys(token).filter((key) => /refresh/i.test(key))).toEqual([]);
  expect(JSON.stringify(token)).not.toContain("AQICAHhzZWFsZWQ=");
});

test("keys of a later minor version, whatever they hold, change nothing", () => {
  const text = encodeRecord(recordOf("acme", START));
  const known = new Set(Object.keys(JSON.parse(text) as object));
  const unknown = fc.dictionary(
    fc.string().filter((key) => !known.has(key) && key !== "__proto__"),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(unknown, fc.nat({ max: 999 }), (extra, minor) => {
      const later = { ...(JSON.parse(text) as object), ...extra, schema_version: `1.${minor}` };
      expect(JSON.stringify(read(JSON.stringify(later)))).toBe(JSON.stringify(read(text)));
    }),
  );
});

test.each(["2.0", "0.9", "1", "", "latest"])("schema version %p is not guessed at", (version) => {
  const record = JSON.parse(encodeRecord(recordOf("acme", START))) as object;
  const text = JSON.stringify({ ...record, schema_version: version });
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: "record_malformed", facts: { field: "schema_version" } }),
  );
});

test("whatever stands in the secret, an error shows nothing of it", () => {
  const canary = "shpat_canary";
  const parts = fc.oneof(fc.constant(canary), fc.jsonValue(), fc.string());
  fc.assert(
    fc.property(fc.dictionary(fc.string(), parts), fc.boolean(), (value, isJson) => {
      const text = isJson ? JSON.stringify({ ...value, access_token: canary }) : `${canary}{`;
      const shown = (() => {
        try {
          return JSON.stringify(read(text));
        } catch (error) {
          return `${String(error)}${JSON.stringify(error)}${(error as Error).stack ?? ""}`;
        }
      })();
      expect(shown).not.toContain(canary);
    }),
  );
});
