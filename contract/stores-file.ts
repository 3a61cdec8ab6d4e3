/**
 * Whether the file that `storesFile` names has apps too: then its stores stand under a heading of their own.
 *
 * A store may be called `apps`: what has a kind or a shop is a store.
 */
export function hasAppsHeading(file: unknown): boolean {
  return isMap(file) && isHeading(Object.hasOwn(file, "apps") ? file["apps"] : undefined);
}

/** A map that is no store and no app itself. */
export function isHeading(value: unknown): boolean {
  return isMap(value) && !Object.hasOwn(value, "kind") && !Object.hasOwn(value, "shop");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
