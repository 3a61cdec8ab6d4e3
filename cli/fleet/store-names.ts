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
  const chosen = new Set(storesOfWords(fleet, words, next));
  return fleet.filter((one) => chosen.has(one));
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
  const named = eachNamed(fleet, words);
  const unknown = words.filter((_, index) => named[index]?.length === 0);
  if (unknown.length > 0) throw usageError(unknownSays(fleet, unknown), next);
  return named.flatMap((found, index) => {
    const says = wrongWith(found, words[index] ?? "");
    if (says !== undefined) throw usageError(says, "name the one that is meant by its key");
    return found;
  });
}

/** The stores that each word names: one, unless it is unknown or a shop of several. */
export function eachNamed<S extends StoreSeen>(
  fleet: readonly S[],
  words: readonly string[],
): (readonly S[])[] {
  const names = namesIn(fleet);
  return words.map((word) => named(names, word));
}

/** What is wrong with a word that names more than one store; undefined: it does not. */
export function wrongWith(found: readonly StoreSeen[], word: string): string | undefined {
  if (found.length < 2) return undefined;
  return `${shopIn(word)} is the shop of ${found.map(({ store }) => store).join(" and ")}`;
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

function named<S extends StoreSeen>(names: Names<S>, word: string): readonly S[] {
  const shop = shopIn(word);
  if (shop !== undefined) return names.byShop.get(shop) ?? [];
  const found = names.byKey.get(word) ?? names.byNameKey.get(word);
  return found === undefined ? [] : [found];
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
  const says = words.slice(0, UNKNOWN_SHOWN).map((word) => unknownWord(word, keys));
  const more = words.length - says.length;
  return [...says, ...(more > 0 ? [`and ${more} more that are not there`] : [])].join(", ");
}

/** What is said of a word that names no store. */
export function unknownWord(word: string, keys: readonly string[]): string {
  const shop = shopIn(word);
  if (shop !== undefined) return `no store has the shop ${shop} (${LISTS_LAG})`;
  const meant = suggestionFor(word, keys);
  return `there is no store ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
