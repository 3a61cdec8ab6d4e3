/**
 * How an app reaches stores, a closed list.
 *
 * `own-organization`: the stores of the app's own Shopify organization. `custom`: one store, or the stores of one
 * Plus organization, by a link that Shopify makes. `public`: any store. An app chooses once, in the Dev Dashboard
 * (Shopify: "Select a distribution method").
 */
export const DISTRIBUTIONS = ["own-organization", "custom", "public"] as const;

export type Distribution = (typeof DISTRIBUTIONS)[number];

export function isDistribution(text: unknown): text is Distribution {
  return typeof text === "string" && (DISTRIBUTIONS as readonly string[]).includes(text);
}

/**
 * How an app proves at Shopify's token endpoint who it is, a closed list.
 *
 * `client-secret`: it sends the secret from its settings. `signing-key`: it signs a client assertion with a private
 * key that stays in KMS (Shopify's application-only access tokens, October 2026).
 */
export const CREDENTIALS = ["client-secret", "signing-key"] as const;

export type Credential = (typeof CREDENTIALS)[number];

export function isCredential(text: unknown): text is Credential {
  return typeof text === "string" && (CREDENTIALS as readonly string[]).includes(text);
}
