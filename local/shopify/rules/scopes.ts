const WRITE_SCOPE = /^(unauthenticated_)?write_(.+)$/;

/** Splits Shopify's comma-separated scope text; spaces and repetitions are dropped. */
export function parseScopes(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((scope) => scope !== ""))];
}

/** Adds the read scope that each write scope implies. */
export function expandScopes(scopes: readonly string[]): string[] {
  return [...new Set(scopes.flatMap((scope) => [scope, ...impliedBy(scope)]))];
}

/** Leaves out the read scopes that a write scope implies. */
export function compressScopes(scopes: readonly string[]): string[] {
  const implied = new Set(scopes.flatMap(impliedBy));
  return [...new Set(scopes)].filter((scope) => !implied.has(scope));
}

function impliedBy(scope: string): string[] {
  const match = WRITE_SCOPE.exec(scope);
  return match === null ? [] : [`${match[1] ?? ""}read_${match[2]}`];
}
