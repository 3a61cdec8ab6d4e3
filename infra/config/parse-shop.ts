import { isShopDomain, type ShopDomain } from "../../contract/brands";
import { looksSecret } from "../../contract/secret-look";
import type { ConfigNode } from "./node";

const ADMIN_ADDRESS = /(?:^|\/\/)admin\.shopify\.com\/store\/([a-z0-9-]+)/i;
const ADDRESS = /^(?:[a-z]+:\/\/)?([^/?#]+)/i;

/** A store's permanent domain; for anything else the problem says what it would be, where that can be told. */
export function parseShop(node: ConfigNode): ShopDomain | undefined {
  const text = node.requiredText("the permanent domain, such as acme.myshopify.com");
  if (text === undefined || isShopDomain(text)) return text;
  const likely = likelyDomainOf(text);
  if (likely !== undefined) {
    return node.report(`must be the permanent domain alone: write ${likely}`);
  }
  return node.report(
    "must be the permanent domain <name>.myshopify.com, not a custom domain (Shopify admin, Settings, Domains shows it)",
  );
}

/** The domain that a URL, an admin address, a bare name or odd capitals stand for. */
function likelyDomainOf(text: string): ShopDomain | undefined {
  const typed = text.trim().toLowerCase().replace(/\.$/, "");
  if (looksSecret(typed)) return undefined; // people paste tokens: nothing of them may be shown
  const name = ADMIN_ADDRESS.exec(typed)?.[1] ?? (/^[a-z0-9-]+$/.test(typed) ? typed : undefined);
  const host = name === undefined ? ADDRESS.exec(typed)?.[1] : `${name}.myshopify.com`;
  return isShopDomain(host) ? host : undefined;
}
