import { isStoreKey } from "../../contract/brands";
import { likelyShopDomain } from "../../contract/shop-domain";
import { suggestionFor } from "../../contract/suggest";
import { usageError } from "../refusal";
import { LISTS_LAG } from "./lists-lag";
import type { StoreSeen } from "./store-view";

const LIST = "shopify-secrets status, which lists the stores";

/** Refuses words that can name no store: neither a key nor a shop. Whatever is neither may be a secret. */
export function judgeStoreWords(words: readonly string[]): void {
  if (words.every((word) => isStoreKey(word) || shopIn(word) !== undefined)) return;
  throw usageError("that is not the key of a store, and not its shop", LIST);
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
  judgeStoreWords(words);
  const found = words.map((word) => ({ word, store: storeNamed(fleet, word) }));
  const unknown = found.filter(({ store }) => store === undefined).map(({ word }) => word);
  if (unknown.length > 0) throw usageError(unknownSays(fleet, unknown), next);
  return fleet.filter((one) => found.some(({ store }) => store === one));
}

function storeNamed<S extends StoreSeen>(fleet: readonly S[], word: string): S | undefined {
  const shop = shopIn(word);
  if (shop === undefined) {
    // The key before a rename stands in the secret's name, and in scripts of then.
    return (
      fleet.find(({ store }) => store === word) ?? fleet.find((seen) => nameKeyOf(seen) === word)
    );
  }
  const ofShop = fleet.filter(({ declaration }) => declaration?.shop === shop);
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

function unknownSays(fleet: readonly StoreSeen[], words: readonly string[]): string {
  const keys = fleet.map(({ store }) => store);
  const says = words.map((word) => {
    const shop = shopIn(word);
    if (shop !== undefined) return `no store has the shop ${shop} (${LISTS_LAG})`;
    const meant = suggestionFor(word, keys);
    return `there is no store ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
  });
  return says.join(", ");
}
