import { OAUTH_ERRORS } from "../rules/oauth-errors";
import { deathOf, mintAccessToken } from "../rules/tokens";
import { sameAppOnShop } from "../state";
import { accessTokenBody, type Grant, granted, ownerOf, refused } from "./grant";

/**
 * A token without an end, asked for anew under the client secret that is presented: with the old token and a refresh
 * token from the app's own page, which lives an hour. The old one goes on working until its client secret is revoked.
 *
 * Source: Shopify's "Rotate or revoke client credentials", steps 4 and 5; whether the Dev Dashboard still hands such a
 * refresh token out nobody has said, and it is a switch.
 */
export const repinningGrant: Grant = (context, request) => {
  if (context.switches.repinning === "gone") return refused(OAUTH_ERRORS.unsupportedGrant);
  const { fields, app, shop } = request;
  const key = context.state.repinningTokens.get(fields["refresh_token"] ?? "");
  const old = context.state.accessTokens.get(fields["access_token"] ?? "");
  const on = { clientId: app.clientId, shop: shop.domain };
  const isKeyGood = key?.clientId === app.clientId && context.now < key.endsAt;
  const isOldGood =
    old?.kind === "offline" && sameAppOnShop(old, on) && deathOf(context, old) === undefined;
  if (!isKeyGood || !isOldGood) return refused(OAUTH_ERRORS.malformed);
  const owner = ownerOf(request, old.scopes);
  const token = mintAccessToken(context, owner, { kind: "offline", lifeSeconds: "never" });
  return granted(accessTokenBody(context, token));
};
