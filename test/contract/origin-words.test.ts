import type { AppKey, StoreKey } from "../../contract/brands";
import {
  adviceOf,
  type ErrorCode,
  type ErrorFacts,
  enrolmentAdviceOf,
} from "../../contract/errors";
import { INSTALLED, LISTED } from "../../contract/names";

const UP = "pulumi up --continue-on-error";
const APPLY = "shopify-secrets apply";
const facts = (more: ErrorFacts): ErrorFacts => ({
  store: "acme" as StoreKey,
  app: "erp" as AppKey,
  ...more,
});

const next = (code: ErrorCode, more: ErrorFacts) => adviceOf(code, facts(more)).next;

describe("the next step of a store of the list", () => {
  test.each<[ErrorCode, string]>([
    ["shop_not_found", `correct the store's shop in the list, then ${UP}, then ${APPLY}`],
    [
      "scope_missing",
      `release an app version with the scopes and let the merchant approve it, or correct the store's scopes in the list, then ${UP}, then ${APPLY}`,
    ],
    [
      "store_not_permitted",
      `declare the store in the list with kind offline-expiring, or use an app of the store's organization, then ${UP}, then ${APPLY}`,
    ],
    [
      "client_secret_rejected",
      `pulumi config set --secret --path 'shopify-secrets:clientSecrets.erp', then ${UP}, then ${APPLY}`,
    ],
    ["not_enrolled", APPLY],
    ["rotation_off", APPLY],
    ["declaration_malformed", APPLY],
    ["secret_pending_deletion", `put its line back into the list, then ${UP}, then ${APPLY}`],
    // The functions are the stack's, and a line of the list is not of config.
    [
      "access_denied",
      "pulumi up --refresh --continue-on-error, and if it stays: shopify-secrets doctor",
    ],
    [
      "pair_abandoned",
      `set the store's kind to offline-expiring in the list, then ${UP}, then ${APPLY}`,
    ],
  ])("%s", (code, expected) => {
    expect(next(code, { origin: LISTED })).toBe(expected);
  });

  test.each<[ErrorCode, string]>([
    ["token_required", "shopify-secrets put acme"],
    ["token_is_client_secret", "give the access token: shopify-secrets put acme"],
    ["token_malformed", "give it alone: shopify-secrets put acme"],
  ])("%s: a static token is put, and stands nowhere", (code, expected) => {
    expect(next(code, { origin: LISTED, kind: "custom-app" })).toBe(expected);
  });

  test("is to look again where it has a value, of which a run of the list knows nothing", () => {
    const of = (hasValue: boolean) =>
      next("app_not_installed", { origin: LISTED, kind: "client-credentials", hasValue });
    expect(of(false)).toMatch(
      /^install and release the app on the store, then shopify-secrets apply;/,
    );
    expect(of(true)).toMatch(
      /^install and release the app on the store, then shopify-secrets check acme;/,
    );
  });

  test.each<[ErrorCode, string]>([
    ["shopify_unreachable", `${APPLY}, which tries again`],
    ["token_dead", `shopify-secrets put acme; then ${APPLY}`],
    ["shop_frozen", `ask the merchant to settle the store's bill with Shopify; then ${APPLY}`],
  ])("%s: ends with a run of the list until it is enrolled", (code, expected) => {
    const given = facts({ origin: LISTED, kind: "custom-app" });
    expect(enrolmentAdviceOf(code, given).next).toBe(expected);
  });
});

describe("the next step of a store that came by itself", () => {
  test.each<[ErrorCode, RegExp]>([
    ["shop_not_found", /^ask the merchant whether the shop is closed/],
    ["scope_missing", /^release an app version with the scopes and let the merchant approve it$/],
    ["app_not_installed", /^shopify-secrets install-link acme, and send/],
    ["not_enrolled", /^shopify-secrets install-link acme, and send/],
    [
      "api_version_unknown",
      /^declare the store in config \(pulumi preview, [^)]*adopt its secret\), then correct shopify-secrets:stores\.acme\.apiVersion, then pulumi up/,
    ],
    [
      "client_secret_rejected",
      /^pulumi config set --secret --path 'shopify-secrets:clientSecrets\.erp', then pulumi up --continue-on-error$/,
    ],
  ])("%s", (code, expected) => {
    expect(next(code, { origin: INSTALLED, kind: "offline-expiring" })).toMatch(expected);
  });
});

test("a store of config is told what it was", () => {
  expect(next("shop_not_found", {})).toBe(`correct shopify-secrets:stores.acme.shop, then ${UP}`);
});
