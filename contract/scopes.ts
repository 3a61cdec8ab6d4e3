const WRITE = /^(unauthenticated_)?write_(.+)$/;

/** Splits Shopify's comma-separated scopes; blanks and repeats are dropped, the order is alphabetical. */
export function parseScopes(text: string): string[] {
  const scopes = text.split(/[\s,]+/).filter((scope) => scope !== "");
  return [...new Set(scopes)].sort();
}

const SCOPE = /^[a-z][a-z0-9_]{0,99}$/;

/** The scopes of an answer of Shopify's: what cannot be one is left out, because scopes are stored, logged and shown. */
export function parseGrantedScopes(text: string): string[] {
  return parseScopes(text).filter((scope) => SCOPE.test(scope));
}

/** Joins scopes as Shopify writes them. */
export function encodeScopes(scopes: readonly string[]): string {
  return [...new Set(scopes)].sort().join(",");
}

/**
 * Adds the read scope that each write scope implies.
 *
 * Shopify answers compressed: `write_products` hides `read_products` (observed, not documented).
 */
export function expandScopes(scopes: readonly string[]): Set<string> {
  const expanded = new Set(scopes);
  for (const scope of scopes) {
    const match = WRITE.exec(scope);
    if (match) expanded.add(`${match[1] ?? ""}read_${match[2]}`);
  }
  return expanded;
}

/** The wanted scopes that were not granted, after expansion of both. */
export function missingScopes(wanted: readonly string[], granted: readonly string[]): string[] {
  const held = expandScopes(granted);
  return parseScopes(wanted.join(",")).filter((scope) => !held.has(scope));
}
