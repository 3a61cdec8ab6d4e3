import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Sealed } from "../../contract/sealed";

/** What the endpoint seals: each with a key of its own, so that no seal passes for another, or for one of Shopify's. */
const LABELS = {
  state: "shopify-secrets/install/state/v1",
  newcomer: "shopify-secrets/install/newcomer/v1",
  way: "shopify-secrets/install/way/v1",
  result: "shopify-secrets/install/result/v1",
} as const;

const KEY_BYTES = 32;

/** Seals what a browser carries for us, with a key made of the app's client secret; 43 characters of base64url. */
export function ownSealOf(
  purpose: keyof typeof LABELS,
  bound: readonly (string | number)[],
  clientSecret: Sealed<string>,
): string {
  const key = Buffer.from(
    hkdfSync("sha256", clientSecret.unseal(), "", LABELS[purpose], KEY_BYTES),
  );
  return createHmac("sha256", key).update(JSON.stringify(bound)).digest("base64url");
}

/** Whether a seal is one of those that it may be, in a time that tells nothing of which. */
export function isOneOf(seals: readonly string[], given: string): boolean {
  return seals.filter((seal) => areSame(seal, given)).length > 0;
}

/** Whether two texts are the same, in a time that tells nothing. */
export function areSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
