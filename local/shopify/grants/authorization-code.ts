import { appNotInstalledError, OAUTH_ERRORS } from "../rules/oauth-errors";
import { acquirePair, deathOf, mintAccessToken } from "../rules/tokens";
import {
  type AccessToken,
  type AuthorizationCode,
  installationOf,
  type RuleContext,
  sameAppOnShop,
} from "../state";
import {
  accessTokenBody,
  asksForExpiring,
  type Grant,
  type GrantOutcome,
  type GrantRequest,
  granted,
  ownerOf,
  pairBody,
  refused,
} from "./grant";

/** How long a code may be exchanged. Shopify publishes no figure; ten minutes is what OAuth recommends at most. */
export const CODE_LIFE_SECONDS = 600;

/** One exchange per code; non-expiring unless `expiring=1`. */
export const authorizationCodeGrant: Grant = (context, request) => {
  const code = context.state.codes.get(request.fields["code"] ?? "");
  if (code === undefined || !mayExchange(context, { code, request }))
    return refused(OAUTH_ERRORS.codeUnknown);
  code.used = true;
  if (installationOf(context.state, code) === undefined)
    return refused(appNotInstalledError(context.switches));
  return acquireOffline(context, request, code.scopes);
};

/** A new acquisition with offline access, expiring or not, as the request says. */
export function acquireOffline(
  context: RuleContext,
  request: GrantRequest,
  scopes: readonly string[],
): GrantOutcome {
  const owner = ownerOf(request, scopes);
  if (asksForExpiring(request.fields))
    return granted(pairBody(context, acquirePair(context, owner)));
  const token =
    liveNonExpiringToken(context, request) ??
    mintAccessToken(context, owner, { kind: "offline", lifeSeconds: "never" });
  token.scopes = scopes;
  return granted(accessTokenBody(context, token));
}

function mayExchange(
  context: RuleContext,
  of: { code: AuthorizationCode; request: GrantRequest },
): boolean {
  const { code, request } = of;
  const isYoung = context.now < code.issuedAt + CODE_LIFE_SECONDS * 1_000;
  return (
    !code.used &&
    isYoung &&
    sameAppOnShop(code, { clientId: request.app.clientId, shop: request.shop.domain })
  );
}

/** Re-authorizing returns the token that is already there: OAuth cannot rotate a non-expiring token. */
function liveNonExpiringToken(
  context: RuleContext,
  request: GrantRequest,
): AccessToken | undefined {
  const on = { clientId: request.app.clientId, shop: request.shop.domain };
  const alive = [...context.state.accessTokens.values()].filter(
    (token) =>
      token.kind === "offline" && sameAppOnShop(token, on) && deathOf(context, token) === undefined,
  );
  return context.switches.reauthorizeWithOtherSecret === "same-token"
    ? alive.at(-1)
    : alive.findLast((token) => token.secretId === request.provenBy);
}
