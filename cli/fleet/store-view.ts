import type { StoreKey } from "../../contract/brands";
import { kindFactsOf, lifeMsOf } from "../../contract/kinds";
import type { StoreView } from "../../contract/store/view";
import { type EpochMs, epochMs } from "../../contract/time";

/** A store of the fleet under the name that people type. */
export interface StoreSeen extends StoreView {
  readonly store: StoreKey;
}

/** When the token was issued, as far as its end tells; undefined: it has no end, or nobody said so. */
export function issuedAtOf({ declaration, status }: StoreSeen): EpochMs | undefined {
  const lifeMs = declaration && lifeMsOf(declaration);
  if (lifeMs === undefined || typeof status.expiresAt !== "number") return undefined;
  return epochMs(status.expiresAt - lifeMs);
}

/** When the token is renewed next: the end of the rotation window, or half a pair's life. */
export function nextRenewalOf(seen: StoreSeen): EpochMs | undefined {
  const { declaration, status, facts } = seen;
  if (declaration === undefined) return undefined;
  const { renewer, sweptAtShareLeft = 0 } = kindFactsOf(declaration);
  if (renewer === "secrets-manager")
    return facts.rotationEnabled ? facts.nextRotationAt : undefined;
  if (renewer === "nobody" || typeof status.expiresAt !== "number") return undefined;
  return epochMs(status.expiresAt - (lifeMsOf(declaration) ?? 0) * sweptAtShareLeft);
}
