import type { ShopDomain } from "../../contract/brands";
import type { RequestFields, ShopifyRequest } from "./exchange";

export const TOKEN_PATH = "/admin/oauth/access_token";

/** Builds a request to a store's token endpoint. */
export function buildTokenRequest(shop: ShopDomain, body: RequestFields): ShopifyRequest {
  return {
    shop,
    method: "POST",
    path: TOKEN_PATH,
    // Without it errors come as HTML pages.
    headers: { accept: "application/json", "content-type": "application/json" },
    body,
  };
}
