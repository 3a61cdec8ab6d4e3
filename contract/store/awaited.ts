import type { Declaration } from "../declaration";
import type { ErrorCode } from "../errors";
import { isSigned } from "../kinds";

/**
 * What a store of an app that signs waits for until its first token: Shopify knows the key once it is pasted, and a
 * public app is installed by its merchant. Both end without anybody telling us; undefined: it waits for neither.
 */
export function awaitedBy(
  declaration: Declaration,
  code: ErrorCode | "",
): "awaiting_token" | "awaiting_merchant" | undefined {
  if (!isSigned(declaration)) return undefined;
  if (code === "signing_key_unknown") return "awaiting_token";
  const isMerchants = declaration.distribution === "public";
  return isMerchants && code === "app_not_installed" ? "awaiting_merchant" : undefined;
}
