import type { StoreKey } from "../../../contract/brands";
import { leftAfterEnrolment } from "../../../infra/components/enrolment";

const store = "acme" as StoreKey;

test("a store without a token says which command puts one", () => {
  expect(
    leftAfterEnrolment(store, '{"store":"acme","outcome":"awaiting_token","why":"x"}'),
  ).toMatch(
    /^acme was enrolled: the store has no access token yet\. Unless .*shopify-secrets put acme/,
  );
});

test("a store that awaits its merchant says where the link comes from", () => {
  expect(leftAfterEnrolment(store, '{"outcome":"awaiting_merchant"}')).toContain(
    "shopify-secrets install-link acme",
  );
});

test("a store whose token is to be migrated is not sent to its merchant", () => {
  const result = '{"outcome":"awaiting_merchant","why":"migration_awaited"}';
  expect(leftAfterEnrolment(store, result)).toBe(
    "acme was enrolled: its token is yet to be migrated, which config permits. Unless that was done since: shopify-secrets migrate acme",
  );
});

test.each(['{"outcome":"written"}', '{"outcome":"kept"}', "null", "no JSON", undefined])(
  "%s asks for nothing",
  (result) => {
    expect(leftAfterEnrolment(store, result)).toBeUndefined();
  },
);
