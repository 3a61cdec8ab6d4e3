import { isStoreKey } from "../../contract/brands";
import { likelyShopDomain } from "../../contract/shop-domain";
import { suggestionFor } from "../../contract/suggest";
import { usageError } from "../refusal";
import { LISTS_LAG } from "./lists-lag";
import type { StoreSeen } from "./store-view";

const LIST = "shopify-secrets status, which lists the stores";

/** Refuses words that can name no store: neither a key nor a shop. Whatever is neither may be a secret. */
export function judgeStoreWords(words: readonly string[]): void {
  if (words.every((word) => storeWordIn(word) !== undefined)) return;
  throw usageError("that is not the key of a store, and not its shop", LIST);
}

/** The key or the shop that a text is; undefined: it is neither, and may be a secret. */
export function storeWordIn(text: string): string | undefined {
  return isStoreKey(text) ? text : shopIn(text);
}

/**
 * The stores of a fleet that words name, by their keys or by their shops, in the order of the fleet.
 *
 * @throws {Refusal} a word that names none, with `next`, or two
 */
export function namedStores<S extends StoreSeen>(
  fleet: readonly S[],
  words: readonly string[],
  next = LIST,
): S[] {
  const named = new Set(storesOfWords(fleet, words, next));
  return fleet.filter((one) => named.has(one));
}

/**
 * The store that each word names.
 *
 * @throws {Refusal} a word that names none, with `next`, or two
 */
export function storesOfWords<S extends StoreSeen>(
  fleet: readonly S[],
  words: readonly string[],
  next = LIST,
): S[] {
  judgeStoreWords(words);
  const names = namesIn(fleet);
  const found = words.map((word) => storeNamed(names, word));
  const unknown = words.filter((_, index) => found[index] === undefined);
  if (unknown.length > 0) throw usageError(unknownSays(fleet, unknown), next);
  return found.flatMap((store) => store ?? []);
}

/** What stores are called. */
interface Names<S> {
  readonly byKey: ReadonlyMap<string, S>;
  /** The key before a rename stands in the secret's name, and in scripts of then. */
  readonly byNameKey: ReadonlyMap<string, S>;
  readonly byShop: ReadonlyMap<string, readonly S[]>;
}

/** Made once for all words: a list may have as many as the fleet has stores. */
function namesIn<S extends StoreSeen>(fleet: readonly S[]): Names<S> {
  const byKey = new Map<string, S>();
  const byNameKey = new Map<string, S>();
  const byShop = new Map<string, S[]>();
  for (const seen of fleet) {
    const { store, declaration } = seen;
    if (!byKey.has(store)) byKey.set(store, seen);
    const nameKey = nameKeyOf(seen);
    if (nameKey !== undefined && !byNameKey.has(nameKey)) byNameKey.set(nameKey, seen);
    if (declaration === undefined) continue;
    const ofShop = byShop.get(declaration.shop);
    if (ofShop === undefined) byShop.set(declaration.shop, [seen]);
    else ofShop.push(seen);
  }
  return { byKey, byNameKey, byShop };
}

function storeNamed<S extends StoreSeen>(names: Names<S>, word: string): S | undefined {
  const shop = shopIn(word);
  if (shop === undefined) return names.byKey.get(word) ?? names.byNameKey.get(word);
  const ofShop = names.byShop.get(shop) ?? [];
  if (ofShop.length < 2) return ofShop[0];
  const keys = ofShop.map(({ store }) => store).join(" and ");
  throw usageError(`${shop} is the shop of ${keys}`, "name the one that is meant by its key");
}

function nameKeyOf({ facts }: StoreSeen): string | undefined {
  return /\/stores\/([^/]+)\/token$/.exec(facts.name)?.[1];
}

/** The shop that a word names; a bare word is a key. */
function shopIn(word: string): string | undefined {
  return word.includes(".") ? likelyShopDomain(word) : undefined;
}

/** Of a list of the wrong fleet, some tell as much as all. */
const UNKNOWN_SHOWN = 5;

function unknownSays(fleet: readonly StoreSeen[], words: readonly string[]): string {
  const keys = fleet.map(({ store }) => store);
  const says = words.slice(0, UNKNOWN_SHOWN).map((word) => {
    const shop = shopIn(word);
    if (shop !== undefined) return `no store has the shop ${shop} (${LISTS_LAG})`;
    const meant = suggestionFor(word, keys);
    return `there is no store ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  });
  const more = words.length - says.length;
  return [...says, ...(more > 0 ? [`and ${more} more that are not there`] : [])].join(", ");
}
