import type { ShopDomain } from "../../../contract/brands";
import { KIND_FACTS, type Kind } from "../../../contract/kinds";
import type { StoreRecord } from "../../../contract/record";
import { Sealed } from "../../../contract/sealed";
import { type EpochMs, later } from "../../../contract/time";
import { recordOf } from "../../reader/records";
import { APP, SCOPES } from "../../simulation/stage";

/** The record of a token that was just granted and checked, without a refresh token. */
export function bareRecord(
  shop: ShopDomain,
  { kind, accessToken }: { readonly kind: Kind; readonly accessToken: string },
  now: EpochMs,
): StoreRecord {
  const { lifetimeSeconds } = KIND_FACTS[kind];
  return recordOf("", now, {
    shop,
    app: APP,
    kind,
    accessToken: Sealed.of(accessToken),
    scopes: SCOPES,
    expiresAt: lifetimeSeconds === undefined ? undefined : later(now, lifetimeSeconds * 1_000),
  });
}
