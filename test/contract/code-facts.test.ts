import type { CodeFacts } from "../../contract/code-facts";
import { adviceRow, ERROR_CODES, type ErrorCode } from "../../contract/errors";

const codesThat = (is: (row: CodeFacts) => boolean): ErrorCode[] =>
  ERROR_CODES.filter((code) => is(adviceRow(code))).sort();

/** What the product asks of codes: each answer is a decision that somebody took, so a change is to be seen. */
describe("the columns of the table of codes", () => {
  test.each<[string, (row: CodeFacts) => boolean, ErrorCode[]]>([
    [
      "nothing is left to present",
      ({ tokens }) => tokens === "refresh_dead",
      ["refresh_token_dead", "refresh_token_missing"],
    ],
    [
      "Shopify may have granted tokens that we never saw",
      ({ mayHaveGranted }) => mayHaveGranted,
      ["code_exchange_lost", "redirect_refused", "shopify_unreachable", "token_reply_malformed"],
    ],
    [
      "an install that ended with it may have cost the store its tokens",
      ({ tokens }) => tokens === "lost" || tokens === "access_dead",
      ["code_exchange_lost", "token_dead"],
    ],
    [
      "an uninstall leads to it",
      ({ tokens }) => tokens === "uninstalled",
      ["app_not_installed", "app_uninstalled"],
    ],
    [
      "it is said of a token that works",
      ({ tokens }) => tokens === "working",
      [
        "lifetime_assumed",
        "non_expiring_ending",
        "refresh_token_ending",
        "rotation_missed",
        "rotation_off",
        "scope_missing",
      ],
    ],
    [
      "the shop is closed for a while",
      ({ closesShop }) => closesShop,
      ["shop_frozen", "shop_inactive", "shop_locked"],
    ],
    [
      "a check takes it back",
      ({ refutedBy }) => refutedBy === "check",
      [
        "access_refused",
        "api_version_unknown",
        "ip_not_allowed",
        "redirect_refused",
        "scope_missing",
        "shop_frozen",
        "shop_inactive",
        "shop_locked",
        "shop_not_found",
        "shopify_throttled",
        "shopify_unreachable",
        "token_dead",
        "token_kind_refused",
      ],
    ],
    [
      "reading the value takes it back",
      ({ refutedBy }) => refutedBy === "reading",
      [
        "access_denied",
        "declaration_mismatch",
        "key_denied",
        "record_malformed",
        "secrets_manager_unreachable",
        "version_unknown",
      ],
    ],
    [
      "the attempt is no failure",
      ({ attempt }) => attempt === "postponed",
      [
        "approval_too_soon",
        "approval_under_way",
        "new_stores_closed",
        "new_stores_too_many",
        "out_of_time",
        "parent_moved",
        "version_budget_spent",
        "version_not_pending",
      ],
    ],
    [
      "the secret is gone",
      ({ attempt }) => attempt === "gone",
      ["secret_not_found", "secret_pending_deletion"],
    ],
    [
      "the declaration itself is wrong",
      ({ condemnsDeclaration }) => condemnsDeclaration,
      ["api_version_unknown", "redirect_refused", "shop_not_found", "token_kind_refused"],
    ],
    [
      "it speaks of the token that was given",
      ({ ofGivenToken }) => ofGivenToken,
      ["token_dead", "token_is_client_secret", "token_malformed"],
    ],
    [
      "no answer came",
      ({ from }) => from === "no_answer",
      ["shopify_throttled", "shopify_unreachable"],
    ],
    [
      "a webhook is answered with it",
      ({ answer }) => answer?.to === "shopify",
      ["webhook_malformed", "webhook_signature_invalid"],
    ],
  ])("%s", (_question, is, codes) => {
    expect(codesThat(is)).toEqual(codes);
  });
});
