import { inspect } from "node:util";
import fc from "fast-check";
import { sentenceOf } from "../../../contract/errors";
import { Sealed } from "../../../contract/sealed";
import { judgeCheckReply } from "../../../lambda/shopify/check";
import { judgeTokenReply, lifeOf } from "../../../lambda/shopify/token-reply";
import { codeOf, reply } from "./replies";

const GOOD = {
  access_token: "shpat_token",
  scope: "write_products,read_orders",
  expires_in: 86_399,
};
const PAIR = {
  ...GOOD,
  expires_in: 3_600,
  refresh_token: "shprt_token",
  refresh_token_expires_in: 7_776_000,
};

describe("a granted token", () => {
  test("brings its scopes and its life", () => {
    const verdict = judgeTokenReply(reply(200, GOOD), { kind: "client-credentials" });
    if (!verdict.good) throw verdict.error;
    const { accessToken, scopes, life, refresh, requestId } = verdict.value;
    expect(accessToken.unseal()).toBe("shpat_token");
    expect(scopes).toEqual(["read_orders", "write_products"]);
    expect(life).toEqual({ seconds: 86_399, assumed: false });
    expect(refresh).toBeUndefined();
    expect(requestId).toBe("req-1");
  });

  test("of a pair brings its refresh token", () => {
    const verdict = judgeTokenReply(reply(200, PAIR), { kind: "offline-expiring" });
    if (!verdict.good) throw verdict.error;
    expect(verdict.value.refresh?.token.unseal()).toBe("shprt_token");
    expect(verdict.value.refresh?.life).toEqual({ seconds: 7_776_000, assumed: false });
  });

  test("shows no secret, however it is printed", () => {
    const verdict = judgeTokenReply(reply(200, PAIR), { kind: "offline-expiring" });
    const shown = `${inspect(verdict, { depth: 9, showHidden: true })}${JSON.stringify(verdict)}`;
    expect(shown).not.toMatch(/shpat_|shprt_/);
  });

  test("without a scope has none", () => {
    const verdict = judgeTokenReply(reply(200, { access_token: "t" }), {
      kind: "client-credentials",
    });
    expect(verdict).toMatchObject({ good: true, value: { scopes: [] } });
  });
});

describe("the life of a token", () => {
  test.each([
    [86_399, 86_399],
    ["86399", 86_399],
    [1, 1],
    [59.9, 59],
    // Rounded up by a reply: the documented life all the same.
    [86_400, 86_399],
    [86_459, 86_399],
    // Over as it comes: the shortest life there is.
    [0, 1],
    ["0", 1],
    [0.4, 1],
  ])("%p is believed", (given, seconds) => {
    expect(lifeOf(given, 86_399)).toEqual({ seconds, assumed: false });
  });

  test.each([
    undefined,
    null,
    -1,
    86_460,
    1e21,
    Number.NaN,
    "",
    "soon",
    "-5",
    "1e3",
    {},
    [60],
    true,
  ])("%p is replaced by the documented one, and that is said", (given) => {
    expect(lifeOf(given, 86_399)).toEqual({ seconds: 86_399, assumed: true });
  });

  test("never exceeds the documented one, and never ends before it begins", () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer({ min: 1, max: 10_000_000 }), (given, documented) => {
        const { seconds } = lifeOf(given, documented);
        expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= documented).toBe(true);
      }),
    );
  });
});

describe("a reply that grants nothing", () => {
  test.each([
    ["not JSON", "<html>"],
    ["cut off", '{"access_token": "shpat_to'],
    ["a list", "[]"],
    ["null", "null"],
    ["no token", { scope: "read_products" }],
    ["an empty token", { access_token: "" }],
    ["a token that is no text", { access_token: 5 }],
    ["a token that would break a header", { access_token: "a\r\nb" }],
    ["a token without end", { access_token: "a".repeat(5_000) }],
  ])("%s is malformed", (_what, body) => {
    expect(codeOf(judgeTokenReply(reply(200, body), { kind: "client-credentials" }))).toBe(
      "token_reply_malformed",
    );
  });

  test("a pair without its refresh token is malformed", () => {
    expect(codeOf(judgeTokenReply(reply(200, GOOD), { kind: "offline-expiring" }))).toBe(
      "token_reply_malformed",
    );
  });
});

const oauth = (error: string, error_description = "") => ({ error, error_description });
const page = (error: string, text = "") =>
  `<html><head><title>400 - Oauth error ${error}</title></head><body>${text}</body></html>`;

describe("a refusal has a code", () => {
  test.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "an error named %s is one that nobody knows",
    (name) => {
      const body = `{"error": "${name}"}`;
      expect(codeOf(judgeTokenReply(reply(400, body), { kind: "client-credentials" }))).toBe(
        "token_request_refused",
      );
    },
  );

  test.each([
    [400, oauth("invalid_request", "Missing or invalid client secret"), "client_secret_rejected"],
    [401, oauth("invalid_client", "Missing or invalid client secret"), "client_secret_rejected"],
    [400, page("invalid_request", "Missing or invalid client secret"), "client_secret_rejected"],
    [400, oauth("shop_not_permitted"), "store_not_permitted"],
    [400, page("shop_not_permitted"), "store_not_permitted"],
    [400, oauth("app_not_installed"), "app_not_installed"],
    [400, oauth("invalid_request", "The application is not installed"), "app_not_installed"],
    [400, oauth("application_cannot_be_found"), "app_not_found"],
    [400, page("application_cannot_be_found"), "app_not_found"],
    [
      401,
      oauth("invalid_request", "This request requires an active refresh_token"),
      "refresh_token_dead",
    ],
    [
      400,
      oauth("invalid_grant", "This request requires an active refresh_token"),
      "refresh_token_dead",
    ],
    [400, oauth("invalid_grant"), "refresh_token_dead"],
    [
      400,
      oauth("invalid_request", "The authorization code was not found or was already used"),
      "code_unusable",
    ],
    [400, oauth("invalid_subject_token"), "subject_token_invalid"],
    [404, "<html>Store unavailable</html>", "shop_not_found"],
    [402, { errors: "Unavailable Shop" }, "shop_frozen"],
    [423, "", "shop_locked"],
    [500, "", "shopify_unreachable"],
    [503, "<html>", "shopify_unreachable"],
    [520, "error code: 520", "shopify_unreachable"],
    [408, "", "shopify_unreachable"],
    [429, "", "shopify_throttled"],
    [430, "", "shopify_throttled"],
    [301, "", "redirect_refused"],
    [302, "", "redirect_refused"],
    [308, "", "redirect_refused"],
    [400, oauth("unsupported_grant_type"), "token_request_refused"],
    [400, "", "token_request_refused"],
    [403, "Forbidden", "token_request_refused"],
  ])("%i %p", (status, body, code) => {
    expect(codeOf(judgeTokenReply(reply(status, body), { kind: "client-credentials" }))).toBe(code);
  });

  test("an app and a store of two organizations are told as such, with the way out", () => {
    const verdict = judgeTokenReply(reply(400, oauth("shop_not_permitted")), {
      kind: "client-credentials",
    });
    if (verdict.good) throw new Error("a refusal was expected");
    expect(sentenceOf(verdict.error.code)).toMatch(
      /^store_not_permitted: .*organization.* Next: .*offline-expiring/,
    );
  });

  test("an app of the store's own admin grants nothing, and the next step is to paste its token", () => {
    const verdict = judgeTokenReply(reply(400, oauth("app_not_installed")), {
      kind: "client-credentials",
    });
    if (verdict.good) throw new Error("a refusal was expected");
    expect(sentenceOf(verdict.error.code)).toMatch(
      /^app_not_installed: .* Next: .*store's own admin grants nothing: paste its token, with kind custom-app/,
    );
  });

  test("carries what a person needs, and nothing of the body", () => {
    const body = oauth("shop_not_permitted", "token shpat_leaked");
    const verdict = judgeTokenReply(reply(400, body), { kind: "client-credentials" });
    if (verdict.good) throw new Error("a refusal was expected");
    expect(verdict.error.facts).toEqual({
      httpStatus: 400,
      oauthError: "shop_not_permitted",
      shopifyRequestId: "req-1",
    });
    expect(inspect(verdict, { depth: 9 })).not.toContain("shpat_leaked");
  });

  test("drops an error code or a request ID that does not look like one", () => {
    const odd = reply(400, oauth("shpat_0123456789 and more"), { "x-request-id": "a\nb" });
    const verdict = judgeTokenReply(odd, { kind: "client-credentials" });
    if (verdict.good) throw new Error("a refusal was expected");
    expect(verdict.error.facts).toEqual({ httpStatus: 400 });
  });

  test.each([
    ["2", 2_000],
    ["0.25", 250],
    ["1.0001", 1_001],
    ["soon", undefined],
    ["-1", undefined],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  ])("Retry-After %p is %p ms", (text, retryAfterMs) => {
    const verdict = judgeTokenReply(reply(429, "", { "retry-after": text }), {
      kind: "client-credentials",
    });
    expect(verdict).toMatchObject({ good: false, retryAfterMs });
  });
});

test("what cannot be a scope is not taken for one: scopes are stored, logged and shown", () => {
  const odd = [
    "read_orders\u001b[2J",
    "<b>",
    "read_orders",
    "write_products",
    "a".repeat(200),
    "__proto__",
  ];
  const body = Sealed.of(JSON.stringify({ access_token: "shpat_x", scope: odd.join(",") }));
  const judged = judgeTokenReply({ status: 200, headers: {}, body }, { kind: "offline" });
  expect(judged).toMatchObject({
    good: true,
    value: { scopes: ["read_orders", "write_products"] },
  });
  const answer = {
    data: {
      currentAppInstallation: { accessScopes: odd.map((handle) => ({ handle })) },
      shop: { myshopifyDomain: "acme.myshopify.com" },
    },
  };
  const checked = judgeCheckReply({
    status: 200,
    headers: {},
    body: Sealed.of(JSON.stringify(answer)),
  });
  expect(checked).toMatchObject({
    good: true,
    value: { scopes: ["read_orders", "write_products"] },
  });
});
