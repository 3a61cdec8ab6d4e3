import type { StoreKey } from "../../../contract/brands";
import { awaitedBy } from "../../../infra/components/enrolment";

const store = "acme" as StoreKey;

test("a store without a token says which command puts one", () => {
  expect(awaitedBy(store, '{"store":"acme","outcome":"awaiting_token","why":"x"}')).toMatch(
    /^acme was enrolled without an access token\..*token_required: .*shopify-secrets put acme/,
  );
});

test("a store that awaits its merchant says where the link comes from", () => {
  expect(awaitedBy(store, '{"outcome":"awaiting_merchant"}')).toContain(
    "shopify-secrets install-link acme",
  );
});

test.each(['{"outcome":"written"}', '{"outcome":"kept"}', "null", "no JSON", undefined])(
  "%s asks for nothing",
  (result) => {
    expect(awaitedBy(store, result)).toBeUndefined();
  },
);
