import { type ApiVersion, isShopDomain, type ShopDomain } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { Sealed } from "../../contract/sealed";
import type { ShopifyReply, ShopifyRequest, Verdict } from "./exchange";
import { codeOfStatus, refusal } from "./token-reply";

/** What a working access token says of itself. */
export interface TokenFacts {
  readonly scopes: readonly string[];
  /** The API version that answered; a retired one falls forward silently. */
  readonly apiVersion: string | undefined;
}

const QUERY = "{ currentAppInstallation { accessScopes { handle } } shop { myshopifyDomain } }";

/** Builds the cheapest call that tries an access token at the store's Admin API; it needs no scope. */
export function buildCheckRequest(
  shop: ShopDomain,
  apiVersion: ApiVersion,
  accessToken: Sealed<string>,
): ShopifyRequest {
  return {
    shop,
    method: "POST",
    path: `/admin/api/${apiVersion}/graphql.json`,
    headers: {
      accept: Sealed.of("application/json"),
      "content-type": Sealed.of("application/json"),
      "x-shopify-access-token": accessToken,
    },
    body: Sealed.of(JSON.stringify({ query: QUERY })),
  };
}

/** Judges the answer to a check; `token_dead` (401) is the only verdict that condemns a token. */
export function judgeCheckReply(reply: ShopifyReply): Verdict<TokenFacts> {
  if (reply.status !== 200) return refusal(reply, codeOf(reply));
  const body = parseJsonQuietly(reply.body.unseal());
  const code = codeOfGraphqlErrors(body);
  if (code !== undefined) return refusal(reply, code);
  const scopes = scopesIn(body);
  if (scopes === undefined) return refusal(reply, "shopify_unreachable");
  return {
    good: true,
    value: { scopes, apiVersion: reply.headers["x-shopify-api-version"] },
  };
}

function codeOf(reply: ShopifyReply): ErrorCode {
  if (reply.status === 401) return "token_dead";
  if (reply.status === 403) return codeOfForbidden(reply.body.unseal());
  return codeOfStatus(reply.status) ?? "access_refused";
}

// A 403 has four causes, and only its words tell them apart.
function codeOfForbidden(text: string): ErrorCode {
  if (/non-expiring access tokens? (is|are) no longer accepted/i.test(text)) {
    return "token_kind_refused";
  }
  if (/\bIP\b|allow-?list/i.test(text)) return "ip_not_allowed";
  return /scope|merchant approval/i.test(text) ? "scope_missing" : "access_refused";
}

function codeOfGraphqlErrors(body: unknown): ErrorCode | undefined {
  const errors = at(body, "errors");
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  const codes = errors.map((error) => at(at(error, "extensions"), "code"));
  if (codes.includes("THROTTLED")) return "shopify_throttled";
  return codes.includes("ACCESS_DENIED") ? "scope_missing" : "access_refused";
}

function scopesIn(body: unknown): string[] | undefined {
  const data = at(body, "data");
  const scopes = at(at(data, "currentAppInstallation"), "accessScopes");
  if (!Array.isArray(scopes) || !isShopDomain(at(at(data, "shop"), "myshopifyDomain"))) {
    return undefined;
  }
  return scopes.map((scope) => at(scope, "handle")).filter((handle) => typeof handle === "string");
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
