import type { StoreSpec } from "./spec";

/** What two stores of a stack cannot both have: one app on one shop, and one secret name. */
export class Claims {
  readonly #pairs = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** What is wrong with one store more, as sentences. */
  add({ key, declaration: { app, shop }, secretName }: StoreSpec): string[] {
    const twin = app && claim(this.#pairs, `${app} ${shop}`, key);
    const namesake = claim(this.#names, secretName, key);
    return [
      ...(twin ? [`is the same app on the same shop as store ${twin}: one of them is enough`] : []),
      ...(namesake ? [`has the same secret name as store ${namesake}`] : []),
    ];
  }
}

/** Who claimed this first; undefined when nobody did before. */
function claim(claims: Map<string, string>, what: string, by: string): string | undefined {
  const first = claims.get(what);
  if (first === undefined) claims.set(what, by);
  return first;
}
