import type { ApiVersion, ShopDomain } from "../../../contract/brands";
import { Sealed } from "../../../contract/sealed";
import { buildCheckRequest, judgeCheckReply } from "../../../lambda/shopify/check";
import { openRequest } from "../../../lambda/shopify/exchange";
import { codeOf, reply } from "./replies";

const answer = (handles: readonly string[]) => ({
  data: {
    currentAppInstallation: { accessScopes: handles.map((handle) => ({ handle })) },
    shop: { myshopifyDomain: "acme.myshopify.com" },
  },
});
const graphqlError = (code: string) => ({ errors: [{ message: "no", extensions: { code } }] });

test("a working token tells its scopes and the version that answered", () => {
  const headers = { "x-shopify-api-version": "2026-10" };
  expect(judgeCheckReply(reply(200, answer(["read_products"]), headers))).toEqual({
    good: true,
    value: { scopes: ["read_products"], apiVersion: "2026-10" },
  });
});

test.each([
  [401, { errors: "[API] Invalid API key or access token" }, "token_dead"],
  [401, "", "token_dead"],
  [402, "", "shop_frozen"],
  [423, "", "shop_locked"],
  [
    403,
    { errors: "[API] This action requires merchant approval for the required scope." },
    "scope_missing",
  ],
  [
    403,
    { errors: "[API] The source IP address is not on the app's IP allowlist." },
    "ip_not_allowed",
  ],
  [
    403,
    { errors: "[API] Non-expiring access tokens are no longer accepted for the Admin API." },
    "token_kind_refused",
  ],
  [403, { errors: "[API] Requests from this ASN are not permitted" }, "ip_not_allowed"],
  [403, { errors: "Access is not allowed from this network" }, "ip_not_allowed"],
  [403, { errors: "[API] Requests from this country are not permitted" }, "ip_not_allowed"],
  [403, { errors: "[API] The source address could not be confirmed" }, "ip_not_allowed"],
  [403, { errors: "[API] Access to this shop is forbidden." }, "access_refused"],
  [404, "", "shop_not_found"],
  [404, "<html><title>Store unavailable</title></html>", "shop_not_found"],
  [404, { errors: "Not Found" }, "api_version_unknown"],
  [429, "", "shopify_throttled"],
  [430, "", "shopify_throttled"],
  [500, "", "shopify_unreachable"],
  [520, "error code: 520", "shopify_unreachable"],
  [302, "", "redirect_refused"],
  [418, "", "access_refused"],
  [200, graphqlError("THROTTLED"), "shopify_throttled"],
  [200, graphqlError("ACCESS_DENIED"), "scope_missing"],
  [200, graphqlError("INTERNAL_SERVER_ERROR"), "shopify_unreachable"],
  [200, graphqlError("TIMEOUT"), "shopify_unreachable"],
  [200, graphqlError("MAX_COST_EXCEEDED"), "shopify_unreachable"],
  [200, graphqlError("CODE_OF_TOMORROW"), "shopify_unreachable"],
  [200, graphqlError("SHOP_INACTIVE"), "shop_inactive"],
  [200, { errors: "[API] Something" }, "shopify_unreachable"],
  [200, { errors: [{ message: "no extensions" }] }, "shopify_unreachable"],
  [200, "<html>back soon</html>", "shopify_unreachable"],
  [200, { data: null }, "shopify_unreachable"],
  [200, { data: { shop: { myshopifyDomain: "acme.myshopify.com" } } }, "shopify_unreachable"],
  [200, "null", "shopify_unreachable"],
])("%i %p is %s", (status, body, code) => {
  expect(codeOf(judgeCheckReply(reply(status, body)))).toBe(code);
});

test("401 is the only status that condemns a token", () => {
  const condemned: number[] = [];
  for (let status = 200; status <= 599; status += 1) {
    if (codeOf(judgeCheckReply(reply(status, "x"))) === "token_dead") condemned.push(status);
  }
  expect(condemned).toEqual([401]);
});

test("the request carries the token in its header and nowhere else", () => {
  const token = Sealed.of("shpat_token");
  const request = buildCheckRequest(
    "acme.myshopify.com" as ShopDomain,
    "2026-10" as ApiVersion,
    token,
  );
  expect(request.path).toBe("/admin/api/2026-10/graphql.json");
  const sent = openRequest(request);
  expect(sent.headers["x-shopify-access-token"]).toBe("shpat_token");
  expect(sent.body).not.toContain("shpat_token");
  expect(JSON.stringify(request)).not.toContain("shpat_token");
});
