import fc from "fast-check";
import { compressScopes, expandScopes, parseScopes } from "../../../local/shopify/rules/scopes";

test.each([
  ["write_products", ["write_products", "read_products"], ["write_products"]],
  ["read_products,write_products", ["read_products", "write_products"], ["write_products"]],
  ["read_products", ["read_products"], ["read_products"]],
  [
    "write_products,read_orders",
    ["write_products", "read_products", "read_orders"],
    ["write_products", "read_orders"],
  ],
  [
    "unauthenticated_write_checkouts,read_checkouts",
    ["unauthenticated_write_checkouts", "unauthenticated_read_checkouts", "read_checkouts"],
    ["unauthenticated_write_checkouts", "read_checkouts"],
  ],
  ["", [], []],
])("%p expands and compresses", (text, expanded, compressed) => {
  expect(expandScopes(parseScopes(text))).toEqual(expanded);
  expect(compressScopes(parseScopes(text))).toEqual(compressed);
});

test("spaces and repetitions in scope text are dropped", () => {
  expect(parseScopes(" read_orders , read_orders,,write_orders ")).toEqual([
    "read_orders",
    "write_orders",
  ]);
});

test("compressing loses nothing that expanding does not bring back", () => {
  const scope = fc.stringMatching(/^(unauthenticated_)?(read|write)_(products|orders|customers)$/);
  const sorted = (scopes: readonly string[]) => [...expandScopes(scopes)].sort();
  fc.assert(
    fc.property(fc.array(scope), (scopes) => {
      expect(sorted(compressScopes(scopes))).toEqual(sorted(scopes));
    }),
  );
});
