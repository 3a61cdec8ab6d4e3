import fc from "fast-check";
import type { ApiVersion, AppKey, ShopDomain, VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { KINDS } from "../../contract/kinds";
import {
  encodeRecord,
  LARGEST_VALUE_BYTES,
  parseRecord,
  type StoreRecord,
} from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { epochMs } from "../../contract/time";
import { RECORD_KEYS } from "./record-keys";

const RECORD: StoreRecord = {
  shop: "acme.myshopify.com" as ShopDomain,
  app: "fulfilment" as AppKey,
  kind: "client-credentials",
  accessToken: Sealed.of("shpat_canary"),
  scopes: ["read_orders", "write_products"],
  apiVersion: "2026-10" as ApiVersion,
  issuedAt: epochMs(Date.UTC(2026, 10, 23, 12)),
  expiresAt: epochMs(Date.UTC(2026, 10, 24, 11, 59, 59)),
  checked: "ok",
  parentVersion: undefined,
  appSecretVersion: "a".repeat(32) as VersionId,
  configTokenFingerprint: "",
  refreshTokenSealed: "",
  refreshTokenExpiresAt: undefined,
};

describe("the record", () => {
  test("is one flat object of strings with the same keys for every kind", () => {
    for (const kind of KINDS) {
      const bare = { ...RECORD, kind, app: undefined, expiresAt: undefined };
      const wire = JSON.parse(encodeRecord(bare)) as object;
      expect(Object.keys(wire)).toEqual(RECORD_KEYS);
      expect(Object.values(wire).every((value) => typeof value === "string")).toBe(true);
    }
  });

  test("says the end of a token's life twice, and nothing for a token without an end", () => {
    expect(JSON.parse(encodeRecord(RECORD))).toMatchObject({
      expires_at: "2026-11-24T11:59:59Z",
      expires_at_epoch: "1795521599",
    });
    expect(JSON.parse(encodeRecord({ ...RECORD, expiresAt: undefined }))).toMatchObject({
      expires_at: "",
      expires_at_epoch: "",
    });
  });

  test("survives being written and read", () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 }).map((at) => epochMs(at * 1_000));
    const versions = fc.option(
      fc.uuid().map((id) => id as VersionId),
      { nil: undefined },
    );
    const records = fc.record({
      shop: fc.constant(RECORD.shop),
      app: fc.constantFrom(RECORD.app, undefined),
      kind: fc.constantFrom(...KINDS),
      accessToken: fc.stringMatching(/^[!-~]+$/).map((token) => Sealed.of(token)),
      scopes: fc.constantFrom([], ["read_orders"], ["read_orders", "write_products"]),
      apiVersion: fc.constant(RECORD.apiVersion),
      issuedAt: seconds,
      expiresAt: fc.option(seconds, { nil: undefined }),
      checked: fc.constantFrom("ok" as const, "shop_frozen" as const, "scope_missing" as const),
      parentVersion: versions,
      appSecretVersion: versions,
      configTokenFingerprint: fc.string(),
      refreshTokenSealed: fc.base64String(),
      refreshTokenExpiresAt: fc.option(seconds, { nil: undefined }),
    });
    fc.assert(
      fc.property(records, (record) => {
        const read = parseRecord(encodeRecord(record));
        expect(read).toEqual(record);
        expect(read.accessToken.unseal()).toBe(record.accessToken.unseal());
      }),
    );
  });

  test("accepts unknown keys and every minor version", () => {
    const wire = JSON.parse(encodeRecord(RECORD)) as Record<string, string>;
    const newer = JSON.stringify({ ...wire, schema_version: "1.7", something_new: "x" });
    expect(parseRecord(newer).shop).toBe(RECORD.shop);
  });

  test.each([
    ["not JSON", "shpat_canary"],
    ["a list", "[]"],
    ["another major version", wireWith({ schema_version: "2.0" })],
    ["a foreign host", wireWith({ shop: "acme.myshopify.com.evil.example" })],
    ["an unknown kind", wireWith({ kind: "magic" })],
    ["no token", wireWith({ access_token: "" })],
    ["a number for a time", wireWith({ issued_at: 5 })],
    ["an odd time", wireWith({ expires_at: "shpat_canary" })],
    ["an odd parent", wireWith({ parent_version: "shpat_canary" })],
  ])("refuses %s, and shows nothing of it", (_what, text) => {
    const failure = failureOf(() => parseRecord(text));
    expect(failure.code).toBe("record_malformed");
    expect(`${failure.message} ${JSON.stringify(failure)} ${failure.stack}`).not.toContain(
      "shpat_canary",
    );
  });

  test("refuses to grow past what Secrets Manager takes", () => {
    const large = { ...RECORD, accessToken: Sealed.of("x".repeat(LARGEST_VALUE_BYTES)) };
    expect(failureOf(() => encodeRecord(large)).code).toBe("record_too_large");
  });
});

function wireWith(change: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(encodeRecord(RECORD)) as object), ...change });
}

function failureOf(attempt: () => unknown): CodedError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
