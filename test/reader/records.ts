import { DEFAULT_API_VERSION, type ShopDomain } from "../../contract/brands";
import { encodeRecord, type StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { type EpochMs, epochMs, HOUR_MS, later } from "../../contract/time";

/** A working record of a 24-hour token, with what the test changes. */
export function recordOf(
  key: string,
  issuedAt: EpochMs,
  changes: Partial<StoreRecord> = {},
): StoreRecord {
  return {
    shop: `${key}.myshopify.com` as ShopDomain,
    app: undefined,
    kind: "client-credentials",
    accessToken: Sealed.of(`shpat_${key}_${issuedAt}`),
    scopes: ["read_orders", "write_products"],
    apiVersion: DEFAULT_API_VERSION,
    issuedAt,
    expiresAt: later(issuedAt, 24 * HOUR_MS),
    checked: "ok",
    parentVersion: undefined,
    appSecretVersion: undefined,
    configTokenFingerprint: "",
    refreshTokenSealed: "",
    refreshTokenExpiresAt: undefined,
    ...changes,
  };
}

/** The same as the value of a secret. */
export function recordText(
  key: string,
  issuedAt: EpochMs,
  changes: Partial<StoreRecord> = {},
): string {
  return encodeRecord(recordOf(key, issuedAt, changes));
}

export const START = epochMs(Date.parse("2026-11-23T00:00:00Z"));
