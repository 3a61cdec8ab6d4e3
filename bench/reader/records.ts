import { DEFAULT_API_VERSION, type ShopDomain } from "../../contract/brands";
import { storeSecretName } from "../../contract/names";
import { encodeRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { epochMs, HOUR_MS } from "../../contract/time";

export const PREFIX = "shopify/bench";

export const storeName = (index: number) => `store-${index}`;

/** The name of a store's secret. */
export const secretName = (store: string) => storeSecretName(PREFIX, store as never);

export interface RecordFacts {
  readonly accessToken: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The value of a store's secret. */
export function recordText(secret: string, facts?: RecordFacts): string {
  const store = secret.split("/").at(-2) ?? "store";
  const issuedAt = facts?.issuedAt ?? Date.now();
  return encodeRecord({
    shop: `${store}.myshopify.com` as ShopDomain,
    app: undefined,
    kind: "client-credentials",
    accessToken: Sealed.of(facts?.accessToken ?? `shpat_${store.padStart(32, "0")}`),
    scopes: ["read_customers", "write_inventory", "write_orders", "write_products"],
    apiVersion: DEFAULT_API_VERSION,
    issuedAt: epochMs(issuedAt),
    expiresAt: epochMs(facts?.expiresAt ?? issuedAt + 24 * HOUR_MS),
    checked: "ok",
    parentVersion: undefined,
    appSecretVersion: undefined,
    configTokenFingerprint: "",
    refreshTokenSealed: "",
    refreshTokenExpiresAt: undefined,
  });
}
