import { isShopDomain, type ShopDomain } from "./brands";
import { looksSecret } from "./secret-look";

const ADMIN_ADDRESS = /(?:^|\/\/)admin\.shopify\.com\/store\/([a-z0-9-]+)/i;
const ADDRESS = /^(?:[a-z]+:\/\/)?([^/?#]+)/i;

/**
 * The permanent domain that a URL, an admin address, a bare name or odd capitals stand for; undefined where that
 * cannot be told.
 */
export function likelyShopDomain(text: string): ShopDomain | undefined {
  const typed = text.trim().toLowerCase().replace(/\.$/, "");
  if (looksSecret(typed)) return undefined; // people paste tokens: nothing of them may be shown
  const name = ADMIN_ADDRESS.exec(typed)?.[1] ?? (/^[a-z0-9-]+$/.test(typed) ? typed : undefined);
  const host = name === undefined ? ADDRESS.exec(typed)?.[1] : `${name}.myshopify.com`;
  return isShopDomain(host) ? host : undefined;
}
