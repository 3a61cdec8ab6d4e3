import { deadRefreshTokenError } from "../rules/oauth-errors";
import {
  deathOf,
  isSecretRevoked,
  LIFE_SECONDS,
  mintAccessToken,
  mintPair,
  scopesOfToken,
} from "../rules/tokens";
import { type RefreshToken, type RuleContext, sameAppOnShop, type TokenPair } from "../state";
import {
  agedPairBody,
  type Grant,
  type GrantRequest,
  granted,
  ownerOf,
  pairBody,
  refused,
} from "./grant";

/** A whole new pair; the presented token stays usable until one of its four ends. */
export const refreshTokenGrant: Grant = (context, request) => {
  const presented = context.state.refreshTokens.get(request.fields["refresh_token"] ?? "");
  if (presented === undefined || !isUsable(context, { presented, request })) {
    return refused(deadRefreshTokenError(context.switches));
  }
  retireWhatItReplaced(context, presented);
  presented.firstUsedAt ??= context.now;
  const { replacement } = presented;
  if (replacement !== undefined && context.switches.refreshReplay !== "new-pair") {
    const isKept = context.switches.refreshReplay === "same-pair-as-it-was";
    presented.replacement = isKept ? replacement : withLiveAccessToken(context, replacement);
    return granted(agedPairBody(context, presented.replacement));
  }
  if (replacement !== undefined && context.switches.overtakenReplacement === "dead") {
    replacement.refresh.retired ??= "replacement-presented";
  }
  presented.replacement = mintPair(
    context,
    ownerOf(request, scopesOfToken(context, presented)),
    presented,
  );
  return granted(pairBody(context, presented.replacement));
};

/** A replay may come long after the hour of the access token; the refresh token stays the same. */
function withLiveAccessToken(context: RuleContext, pair: TokenPair): TokenPair {
  if (deathOf(context, pair.access) === undefined) return pair;
  const lifeSeconds = LIFE_SECONDS.expiringAccess;
  return {
    ...pair,
    access: mintAccessToken(context, pair.refresh, { kind: "offline-expiring", lifeSeconds }),
  };
}

/** When a refresh token stops working by time alone. */
export function refreshTokenEndsAt(token: RefreshToken): number {
  if (token.firstUsedAt === undefined) return token.expiresAt;
  return Math.min(token.expiresAt, token.firstUsedAt + LIFE_SECONDS.refreshRetention * 1_000);
}

function isUsable(
  context: RuleContext,
  of: { presented: RefreshToken; request: GrantRequest },
): boolean {
  const { presented, request } = of;
  return (
    sameAppOnShop(presented, { clientId: request.app.clientId, shop: request.shop.domain }) &&
    presented.retired === undefined &&
    context.now < refreshTokenEndsAt(presented) &&
    !isSecretRevoked(context, presented)
  );
}

/** Presenting a token ends the one that it replaced, and that one's other replacements. */
function retireWhatItReplaced(context: RuleContext, presented: RefreshToken): void {
  if (presented.parent === undefined) return;
  for (const token of context.state.refreshTokens.values()) {
    const isParent = token.value === presented.parent;
    const isSibling = token.parent === presented.parent && token !== presented;
    if (isParent || isSibling) token.retired ??= "replacement-presented";
  }
}
