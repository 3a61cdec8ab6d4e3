import { type Answer, headerOf, type ImitationRequest, jsonAnswer, urlOf } from "./protocol";
import {
  deadTokenAnswer,
  type ForbiddenCause,
  forbiddenAnswer,
  notFoundAnswer,
} from "./rules/admin-refusals";
import { refusedByList } from "./rules/allowlist";
import { serveVersion } from "./rules/api-versions";
import { answerGraphql } from "./rules/graphql";
import { compressScopes, expandScopes } from "./rules/scopes";
import { ALL_PUBLIC_APPS_EXPIRE_FROM, deathOf, scopesOfToken } from "./rules/tokens";
import { uninstall } from "./rules/uninstall";
import type { AccessToken, App, RuleContext, Shop, TokenDeath } from "./state";

const NEW_PUBLIC_APPS_EXPIRE_FROM = Date.UTC(2026, 3, 1);
const VERSIONED = /^\/admin\/api\/([^/]+)\/(.+)$/;
const QUERY_COST = { requestedQueryCost: 3, actualQueryCost: 3 };
const THROTTLE_STATUS = { maximumAvailable: 2000, currentlyAvailable: 1997, restoreRate: 100 };

/** A call with the token that it presented, judged against that token's own life. */
export interface TokenVerdict {
  readonly token?: AccessToken;
  readonly death?: TokenDeath;
}

interface AdminCall {
  readonly request: ImitationRequest;
  readonly shop: Shop;
  readonly token: AccessToken;
  readonly app: App;
}

export interface AdminResult {
  readonly answer: Answer;
  /** Why the call was refused; absent when it was served. */
  readonly cause?: string;
}

const refusal = (answer: Answer, cause: string): AdminResult => ({ answer, cause });
const served = (answer: Answer): AdminResult => ({ answer });

/** Judges the presented token alone, whatever else stands in the way of the call. */
export function judgeToken(
  context: RuleContext,
  shop: Shop | undefined,
  request: ImitationRequest,
): TokenVerdict {
  const token = context.state.accessTokens.get(headerOf(request, "x-shopify-access-token") ?? "");
  if (token === undefined || token.shop !== shop?.domain) return { death: "unknown" };
  const death = deathOf(context, token);
  return death === undefined ? { token } : { token, death };
}

/** Any path of the Admin API, on a shop that is open. */
export function answerAdminCall(
  context: RuleContext,
  shop: Shop,
  request: ImitationRequest,
): AdminResult {
  const { token, death } = judgeToken(context, shop, request);
  if (token === undefined || death !== undefined)
    return refusal(deadTokenAnswer(), `token-${death}`);
  const app = context.state.apps.get(token.clientId);
  if (app === undefined) return refusal(deadTokenAnswer(), "token-unknown");
  const call: AdminCall = { request, shop, token, app };
  const forbidden = forbiddenCause(context, call);
  return forbidden === undefined
    ? route(context, call)
    : refusal(forbiddenAnswer(forbidden), forbidden);
}

function forbiddenCause(context: RuleContext, call: AdminCall): ForbiddenCause | undefined {
  if (call.shop.flagged) return "flagged-shop";
  const from = call.request.remoteAddress ?? "127.0.0.1";
  const refused = refusedByList(context, call.app, from);
  if (refused !== undefined) return refused;
  return mustExpire(context, call) ? "non-expiring-token" : undefined;
}

/** Public apps may not use non-expiring tokens: new apps since April 2026, all of them from January 2027. */
function mustExpire(context: RuleContext, { app, token }: AdminCall): boolean {
  if (app.distribution !== "public" || token.kind !== "offline") return false;
  return app.createdAt >= NEW_PUBLIC_APPS_EXPIRE_FROM || context.now >= ALL_PUBLIC_APPS_EXPIRE_FROM;
}

function route(context: RuleContext, call: AdminCall): AdminResult {
  const { pathname } = urlOf(call.request);
  const { method } = call.request;
  if (method === "GET" && pathname === "/admin/oauth/access_scopes.json")
    return served(accessScopes(context, call));
  if (method === "DELETE" && pathname === "/admin/api_permissions/current.json") {
    uninstall(context, call.token);
    return served(jsonAnswer(200, {}));
  }
  const [, requested = "", resource = ""] = VERSIONED.exec(pathname) ?? [];
  const { served: version } = serveVersion(requested, context.now);
  if (version === undefined) return refusal(notFoundAnswer(), "not-found");
  const result = versioned(context, call, `${method} ${resource}`);
  return {
    ...result,
    answer: {
      ...result.answer,
      headers: { ...result.answer.headers, "x-shopify-api-version": version },
    },
  };
}

function versioned(context: RuleContext, call: AdminCall, operation: string): AdminResult {
  switch (operation) {
    case "GET shop.json":
      return served(jsonAnswer(200, { shop: shopResource(call.shop) }));
    case "GET products/count.json":
      return countProducts(context, call);
    case "POST graphql.json":
      return graphql(context, call);
    default:
      return refusal(notFoundAnswer(), "not-found");
  }
}

function accessScopes(context: RuleContext, call: AdminCall): Answer {
  const list = context.switches.accessScopesList === "expanded" ? expandScopes : compressScopes;
  const scopes = list(scopesOfToken(context, call.token));
  return jsonAnswer(200, { access_scopes: scopes.map((handle) => ({ handle })) });
}

function countProducts(context: RuleContext, call: AdminCall): AdminResult {
  const mayRead = expandScopes(scopesOfToken(context, call.token)).includes("read_products");
  return mayRead
    ? served(jsonAnswer(200, { count: 0 }))
    : refusal(forbiddenAnswer("missing-scope"), "missing-scope");
}

function graphql(context: RuleContext, call: AdminCall): AdminResult {
  const query = queryOf(call.request.body);
  if (query === undefined)
    return refusal(
      jsonAnswer(400, { errors: { query: "Required parameter missing or invalid" } }),
      "bad-request",
    );
  const scopes = expandScopes(scopesOfToken(context, call.token));
  const result = answerGraphql(query, {
    scopes,
    shop: {
      id: `gid://shopify/Shop/${call.shop.id}`,
      name: call.shop.name,
      myshopifyDomain: call.shop.domain,
    },
    installation: {
      id: "gid://shopify/AppInstallation/1",
      app: { title: call.app.name, apiKey: call.app.clientId },
      accessScopes: scopes.map((handle) => ({ handle })),
    },
  });
  const answer = jsonAnswer(200, {
    ...result,
    extensions: { cost: { ...QUERY_COST, throttleStatus: THROTTLE_STATUS } },
  });
  const [problem] = result.errors ?? [];
  return problem === undefined
    ? served(answer)
    : refusal(answer, `graphql-${problem.extensions.code}`);
}

function queryOf(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    const query =
      typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "query") : undefined;
    return typeof query === "string" ? query : undefined;
  } catch {
    return undefined; // not JSON: the caller answers 400
  }
}

/** The REST form of a shop, also the body of `app/uninstalled`. */
export function shopResource(shop: Shop): Readonly<Record<string, unknown>> {
  return { id: shop.id, name: shop.name, domain: shop.domain, myshopify_domain: shop.domain };
}
