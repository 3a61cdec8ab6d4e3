import { DEFAULT_API_VERSION, type ShopDomain } from "../../../contract/brands";
import { KIND_FACTS, type Kind } from "../../../contract/kinds";
import type { StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import { type EpochMs, later } from "../../../contract/time";
import { APP, SCOPES } from "../../simulation/stage";

/** The record of a token that was just granted and checked, without a refresh token. */
export function bareRecord(
  shop: ShopDomain,
  token: { readonly kind: Kind; readonly accessToken: string },
  now: EpochMs,
): StoreRecord {
  const { lifetimeSeconds } = KIND_FACTS[token.kind];
  return {
    shop,
    app: APP,
    kind: token.kind,
    accessToken: Sealed.of(token.accessToken),
    scopes: SCOPES,
    apiVersion: DEFAULT_API_VERSION,
    issuedAt: now,
    expiresAt: lifetimeSeconds === undefined ? undefined : later(now, lifetimeSeconds * 1_000),
    checked: "ok",
    parentVersion: undefined,
    appSecretVersion: undefined,
    configTokenFingerprint: "",
    refreshTokenSealed: "",
    refreshTokenExpiresAt: undefined,
  };
}
