import {
  type AppKey,
  DEFAULT_API_VERSION,
  type SecretArn,
  type ShopDomain,
  type StoreKey,
} from "../../../contract/brands";
import { type Declaration, encodeDeclaration } from "../../../contract/declaration";
import type { Kind } from "../../../contract/kinds";
import { secretFactsOf } from "../../../contract/store/secret-facts";
import { STATUS_TAGS } from "../../../contract/store/status";
import { type StoreView, storeViewOf, withTags } from "../../../contract/store/view";
import {
  type Enrolled,
  leftAfterEnrolment,
  leftNow,
  type StoreBefore,
  scopesLeft,
} from "../../../infra/components/enrolment";

const store = "acme" as StoreKey;

/** What config says of the store, as far as its enrolment asks. */
function enrolledAs(kind: Kind, more: Partial<Declaration> = {}): Enrolled {
  const shop = "acme.myshopify.com" as ShopDomain;
  const app = "catalog" as AppKey;
  const declared = { kind, shop, app, scopes: [], apiVersion: DEFAULT_API_VERSION };
  return { key: store, declaration: { ...declared, ...more } };
}

const enrolled = enrolledAs("offline-expiring");

test("a store without a token says which command puts one", () => {
  expect(
    leftAfterEnrolment(enrolled, '{"store":"acme","outcome":"awaiting_token","why":"x"}'),
  ).toMatch(
    /^acme was enrolled: the store has no access token yet\. Unless .*shopify-secrets put acme/,
  );
});

test("a store that awaits its merchant says where the link comes from", () => {
  expect(leftAfterEnrolment(enrolled, '{"outcome":"awaiting_merchant"}')).toContain(
    "shopify-secrets install-link acme",
  );
});

test("a store whose token is to be migrated is not sent to its merchant", () => {
  const result = '{"outcome":"awaiting_merchant","why":"migration_awaited"}';
  expect(leftAfterEnrolment(enrolled, result)).toBe(
    "acme was enrolled: its token is yet to be migrated, which config permits. Unless that was done since: shopify-secrets migrate acme",
  );
});

test.each(['{"outcome":"written"}', '{"outcome":"kept"}', "null", "no JSON", undefined])(
  "%s asks for nothing",
  (result) => {
    expect(leftAfterEnrolment(enrolled, result)).toBeUndefined();
  },
);

describe("a store of an app that signs", () => {
  const signed = enrolledAs("client-credentials", {
    credential: "signing-key",
    distribution: "public",
  });
  const AWAITS = '{"outcome":"awaiting_token","why":"key_awaited"}';

  test("says which command prints the key, and for which app", () => {
    expect(leftNow(signed, AWAITS, "new")).toBe(
      "acme: Shopify does not know the key that signs for app catalog. Next: shopify-secrets public-key catalog, and paste what it prints in the app's settings",
    );
  });

  test("says so of a token that lives on, too", () => {
    expect(leftNow(signed, '{"outcome":"kept","why":"key_awaited"}', "new")).toMatch(/public-key/);
  });

  test("that awaits its merchant says what to have done", () => {
    const result = '{"outcome":"awaiting_merchant","why":"installation_awaited"}';
    expect(leftNow(signed, result, "new")).toMatch(/have the app installed on the store/);
  });
});

describe("held against the store as it is", () => {
  const AWAITING = '{"outcome":"awaiting_merchant","why":"merchant_has_not_approved"}';
  const MIGRATION = '{"outcome":"awaiting_merchant","why":"migration_awaited"}';
  const TOKEN = '{"outcome":"awaiting_token","why":"no_token_yet"}';

  function viewOf(kind: Kind, { hasValue = true, isPair = false } = {}): StoreView {
    const { declaration } = enrolledAs(kind);
    const facts = secretFactsOf({
      Name: "shopify/prod/stores/acme/token",
      Description: encodeDeclaration(declaration),
      SecretVersionsToStages: hasValue ? { ["v".repeat(32)]: ["AWSCURRENT"] } : {},
      Tags: isPair ? [{ Key: STATUS_TAGS.refreshExpiresAt, Value: "2027-01-01T00:00:00Z" }] : [],
    });
    return storeViewOf({ secretArn: "arn" as SecretArn, facts }, "shopify/prod");
  }

  test.each<[string, readonly [string, StoreBefore], RegExp | undefined]>([
    ["a new store", [AWAITING, "new"], /^acme: the merchant has not .* Next: .*install-link acme/],
    [
      "a merchant who waits",
      [AWAITING, viewOf("offline-expiring", { hasValue: false })],
      /install-link/,
    ],
    ["one who has approved", [AWAITING, viewOf("offline-expiring", { isPair: true })], undefined],
    ["a migration that is permitted", [MIGRATION, viewOf("offline-expiring")], /migrate acme$/],
    ["one that was done", [MIGRATION, viewOf("offline-expiring", { isPair: true })], undefined],
    ["a missing token", [TOKEN, viewOf("custom-app", { hasValue: false })], /put acme/],
    ["one that was put", [TOKEN, viewOf("custom-app")], undefined],
    ["nobody could look", [AWAITING, "unknown"], /Unless that was done since/],
  ])("%s", (_what, [result, before], says) => {
    const left = leftNow(enrolled, result, before);
    if (says === undefined) expect(left).toBeUndefined();
    else expect(left).toMatch(says);
  });

  test("a living token that lacks a wanted scope is warned of, until it has it", () => {
    const LACKS = '{"outcome":"kept","why":"unchanged","checked":"scope_missing"}';
    const says = /^acme: scope_missing: the access token lacks a wanted scope\. Next: /;
    const granted = (missing: string) => {
      const view = viewOf("custom-app");
      return withTags(view, { [STATUS_TAGS.missingScopes]: missing });
    };
    expect(scopesLeft(store, LACKS, "unknown")).toMatch(says);
    expect(scopesLeft(store, LACKS, granted("read_orders"))).toMatch(says);
    expect(scopesLeft(store, LACKS, granted(""))).toBeUndefined();
    expect(scopesLeft(store, '{"outcome":"kept","checked":"ok"}', "unknown")).toBeUndefined();
  });
});
