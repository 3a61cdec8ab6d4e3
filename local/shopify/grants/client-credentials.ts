import { appNotInstalledError, OAUTH_ERRORS } from "../rules/oauth-errors";
import { killAccessTokens, LIFE_SECONDS, mintAccessToken } from "../rules/tokens";
import { installationOf } from "../state";
import { accessTokenBody, type Grant, granted, ownerOf, refused } from "./grant";

/** 24 hours, no refresh token, only for stores of the app's own organization. */
export const clientCredentialsGrant: Grant = (context, request) => {
  const { app, shop } = request;
  if (app.organization !== shop.organization) return refused(OAUTH_ERRORS.storeNotPermitted);
  const on = { clientId: app.clientId, shop: shop.domain };
  const installation = installationOf(context.state, on);
  if (installation === undefined) return refused(appNotInstalledError(context.switches));
  if (context.switches.clientCredentialsOverlap === "old-dies") {
    killAccessTokens(context, { ...on, kind: "client-credentials" }, "superseded");
  }
  const token = mintAccessToken(context, ownerOf(request, installation.scopes), {
    kind: "client-credentials",
    lifeSeconds: LIFE_SECONDS.clientCredentials,
  });
  return granted(accessTokenBody(context, token));
};
