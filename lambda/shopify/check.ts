import { type ApiVersion, isShopDomain, type ShopDomain } from "../../contract/brands";
import type { ErrorCode } from "../../contract/errors";
import { parseJsonQuietly } from "../../contract/quiet-json";
import { parseGrantedScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import type { Judgement, ShopifyReply, ShopifyRequest } from "./exchange";
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
      accept: "application/json",
      "content-type": "application/json",
      "x-shopify-access-token": accessToken,
    },
    body: { query: QUERY },
  };
}

/** Judges the answer to a check; `token_dead` (401) is the only verdict that condemns a token. */
export function judgeCheckReply(reply: ShopifyReply): Judgement<TokenFacts> {
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
  // The Admin API answers JSON for a path that it does not serve; a store that is none has a page.
  if (reply.status === 404 && isNotFoundOfApi(reply)) return "api_version_unknown";
  return codeOfStatus(reply.status) ?? "access_refused";
}

function isNotFoundOfApi(reply: ShopifyReply): boolean {
  return at(parseJsonQuietly(reply.body.unseal()), "errors") !== undefined;
}

// A 403 has several causes, and only its words tell them apart; those about addresses are not published.
function codeOfForbidden(text: string): ErrorCode {
  if (/non-expiring access tokens? (is|are) no longer accepted/i.test(text)) {
    return "token_kind_refused";
  }
  if (ABOUT_AN_ADDRESS.test(text)) return "ip_not_allowed";
  return /scope|merchant approval/i.test(text) ? "scope_missing" : "access_refused";
}

const ABOUT_AN_ADDRESS =
  /\b(IP(v[46])?s?|ASNs?|AS\d+|CIDRs?|networks?|countr(y|ies)|address(es)?)\b|(allow|white)-? ?list/i;

/**
 * Judges the errors that come with status 200 by their codes.
 *
 * Source: Shopify's "GraphQL Admin API: status and error codes"; `INTERNAL_SERVER_ERROR` comes instead of
 * status 500, and a code that is not known says nothing about the token.
 */
function codeOfGraphqlErrors(body: unknown): ErrorCode | undefined {
  const errors = at(body, "errors");
  if (errors === undefined || (Array.isArray(errors) && errors.length === 0)) return undefined;
  if (!Array.isArray(errors)) return "shopify_unreachable";
  const codes = new Set(errors.map((error) => at(at(error, "extensions"), "code")));
  return TELLING_CODES.find(([code]) => codes.has(code))?.[1] ?? "shopify_unreachable";
}

const TELLING_CODES: readonly (readonly [string, ErrorCode])[] = [
  ["THROTTLED", "shopify_throttled"],
  ["SHOP_INACTIVE", "shop_inactive"],
  ["ACCESS_DENIED", "scope_missing"],
];

function scopesIn(body: unknown): string[] | undefined {
  const data = at(body, "data");
  const scopes = at(at(data, "currentAppInstallation"), "accessScopes");
  if (!Array.isArray(scopes) || !isShopDomain(at(at(data, "shop"), "myshopifyDomain"))) {
    return undefined;
  }
  const handles = scopes.map((scope) => at(scope, "handle"));
  return parseGrantedScopes(handles.filter((handle) => typeof handle === "string").join(","));
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}
