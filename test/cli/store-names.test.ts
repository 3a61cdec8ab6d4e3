import { namedStores, storesOfWords } from "../../cli/fleet/store-names";
import type { StoreSeen } from "../../cli/fleet/store-view";

/** Stores that count how often one is looked at. */
function fleetOf(size: number): { readonly fleet: StoreSeen[]; looks: number } {
  const counted = { fleet: [] as StoreSeen[], looks: 0 };
  for (let at = 0; at < size; at += 1) {
    const seen = {
      get store() {
        counted.looks += 1;
        return `shop-${at}`;
      },
      get facts() {
        counted.looks += 1;
        return { name: `shopify/prod/stores/former-${at}/token` };
      },
      get declaration() {
        counted.looks += 1;
        return { shop: `shop-${at}.myshopify.com` };
      },
    };
    counted.fleet.push(seen as unknown as StoreSeen);
  }
  return counted;
}

test.each([
  ["keys", (at: number) => `shop-${at}`],
  ["keys of before", (at: number) => `former-${at}`],
  ["shops", (at: number) => `shop-${at}.myshopify.com`],
])("as many %s as there are stores are found without comparing each with all", (_what, word) => {
  const looksAt = (size: number) => {
    const counted = fleetOf(size);
    const words = Array.from({ length: size }, (_, at) => word(size - 1 - at));
    expect(storesOfWords(counted.fleet, words)).toEqual([...counted.fleet].reverse());
    counted.looks = 0;
    expect(namedStores(counted.fleet, words)).toHaveLength(size);
    return counted.looks;
  };
  expect(looksAt(1_000)).toBe(10 * looksAt(100));
});
