/** Hands out one frozen list for equal lists of scopes. */
export type ShareScopes = (scopes: readonly string[]) => readonly string[];

/** More different lists than a fleet has; beyond it they start anew, so that memory stays bounded. */
const MOST_LISTS = 100;

/** Keeps one list for all stores with the same scopes, as most stores of an app have: a third of a token's memory. */
export function createSharedScopes(): ShareScopes {
  const lists = new Map<string, readonly string[]>();
  return (scopes) => {
    const text = scopes.join(",");
    const known = lists.get(text);
    if (known !== undefined) return known;
    if (lists.size === MOST_LISTS) lists.clear();
    const list = Object.freeze([...scopes]);
    lists.set(text, list);
    return list;
  };
}
