import { isShopDomain, type ShopDomain } from "../../contract/brands";
import { likelyShopDomain } from "../../contract/shop-domain";
import type { ConfigNode } from "./node";

/** A store's permanent domain; for anything else the problem says what it would be, where that can be told. */
export function parseShop(node: ConfigNode): ShopDomain | undefined {
  const text = node.requiredText("the permanent domain, such as acme.myshopify.com");
  if (text === undefined || isShopDomain(text)) return text;
  const likely = likelyShopDomain(text);
  if (likely !== undefined) {
    return node.report(`must be the permanent domain alone: write ${likely}`);
  }
  return node.report(
    "must be the permanent domain <name>.myshopify.com, not a custom domain (Shopify admin, Settings, Domains shows it)",
  );
}
