import { Sealed } from "../../../contract/sealed";
import type { ShopifyReply } from "../../../lambda/shopify/exchange";

/** A reply as the sender hands it over. */
export function reply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): ShopifyReply {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers: { "x-request-id": "req-1", ...headers }, body: Sealed.of(text) };
}

/** The code of a refusal; undefined for a good verdict. */
export function codeOf(verdict: {
  readonly good: boolean;
  readonly error?: { readonly code: string };
}): string | undefined {
  return verdict.good ? undefined : verdict.error?.code;
}
