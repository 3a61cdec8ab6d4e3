import type { ShopDomain, StoreKey } from "../../contract/brands";
import { adviceOf, type ErrorCode } from "../../contract/errors";
import { decideNotice } from "../../contract/notice";
import type { Condition } from "../../contract/store/condition";
import { STORE_STATES, type StoreState } from "../../contract/store/status";

const subject = {
  prefix: "shopify/test",
  store: "acme" as StoreKey,
  shop: "acme.myshopify.com" as ShopDomain,
};

const condition = (state: StoreState, code: ErrorCode | "" = ""): Condition => ({
  state,
  code,
  needsPerson: true,
  ...(code === ""
    ? { owner: "operator", says: "", next: "" }
    : adviceOf(code, { store: subject.store })),
});

const turnOf = (before: Condition | undefined, after: Condition): string =>
  decideNotice(subject, { before, after })?.turn ?? "nothing";

describe("a notice", () => {
  test.each<[string, StoreState | undefined, StoreState, ErrorCode | "", string]>([
    ["a new store awaits its merchant", undefined, "awaiting_merchant", "", "nothing"],
    ["it was approved", undefined, "ok", "", "nothing"],
    ["its first approval was lost", undefined, "awaiting_merchant", "code_exchange_lost", "worse"],
    ["an approval was lost", "ok", "awaiting_merchant", "code_exchange_lost", "worse"],
    ["its refresh token died", "ok", "awaiting_merchant", "refresh_token_dead", "worse"],
    ["it is approved again", "awaiting_merchant", "ok", "", "mended"],
    ["its token ends", "awaiting_merchant", "dead", "refresh_token_dead", "worse"],
    ["somebody has to act", "ok", "failing", "client_secret_rejected", "worse"],
    ["it got worse still", "failing", "dead", "token_dead", "worse"],
    ["the app was uninstalled", "ok", "uninstalled", "app_uninstalled", "worse"],
    ["and installed again", "uninstalled", "ok", "", "mended"],
    ["a wanted scope was lost", "ok", "ok", "scope_missing", "worse"],
    ["the next attempt may repair it", "ok", "ok", "shopify_unreachable", "nothing"],
    ["a little better is not well", "dead", "failing", "shop_frozen", "nothing"],
  ])("%s", (...[, before, after, code, turn]) => {
    expect(turnOf(before && condition(before), condition(after, code))).toBe(turn);
  });

  test.each<[StoreState, ErrorCode]>([
    ["uninstalled", "app_uninstalled"],
    ["awaiting_merchant", "token_dead"],
    ["awaiting_merchant", "code_exchange_lost"],
  ])("is none of a merchant who came by himself: %s, %s needs nobody", (state, code) => {
    const needsNobody = { ...condition(state, code), needsPerson: false };
    expect(turnOf(condition("ok"), needsNobody)).toBe("nothing");
  });

  test.each(STORE_STATES)("%s is told once", (state) => {
    const told = condition(state, "code_exchange_lost");
    expect(turnOf(told, told)).toBe("nothing");
  });

  test("of a token that works and yet needs a person", () => {
    const notice = decideNotice(subject, {
      before: condition("ok"),
      after: condition("ok", "scope_missing"),
    });
    expect(notice).toMatchObject({ turn: "worse", code: "scope_missing", owner: "merchant" });
    expect(notice?.subject).toBe(
      "[shopify-secrets] acme: working, and needs a person (scope_missing)",
    );
  });

  test("of a lost approval names the merchant, the code and the next command", () => {
    const notice = decideNotice(subject, {
      before: condition("ok"),
      after: condition("awaiting_merchant", "code_exchange_lost"),
    });
    expect(notice).toMatchObject({ owner: "merchant", code: "code_exchange_lost" });
    expect(notice?.message).toContain("shopify-secrets install-link acme");
  });
});
