import { appNotInstalledError, OAUTH_ERRORS, wrongSecretError } from "../rules/oauth-errors";
import { killAccessTokens, LIFE_SECONDS, mintAccessToken } from "../rules/tokens";
import { installationOf, type RuleContext } from "../state";
import { accessTokenBody, type Grant, type GrantRequest, granted, ownerOf, refused } from "./grant";

/**
 * No refresh token; 24 hours, only for stores of the app's own organization. A public app that signs gets an hour for
 * every store that installed it (Shopify's announcement of application-only access tokens, October 2026).
 */
export const clientCredentialsGrant: Grant = (context, request) => {
  const { app, shop } = request;
  if (isRefusedSecret(context, request)) return refused(wrongSecretError(context.switches));
  const isPublic = request.isSigned && app.distribution === "public";
  if (!isPublic && app.organization !== shop.organization) {
    return refused(OAUTH_ERRORS.storeNotPermitted);
  }
  const on = { clientId: app.clientId, shop: shop.domain };
  const installation = installationOf(context.state, on);
  if (installation === undefined) return refused(appNotInstalledError(context.switches));
  if (context.switches.clientCredentialsOverlap === "old-dies") {
    killAccessTokens(context, { ...on, kind: "client-credentials" }, "superseded");
  }
  const token = mintAccessToken(context, ownerOf(request, installation.scopes), {
    kind: "client-credentials",
    lifeSeconds: isPublic ? LIFE_SECONDS.signedByPublicApp : LIFE_SECONDS.clientCredentials,
  });
  return granted(accessTokenBody(context, token));
};

function isRefusedSecret({ switches }: RuleContext, { app, isSigned }: GrantRequest): boolean {
  const signs = app.keys.some(({ revokedAt }) => revokedAt === undefined);
  return !isSigned && signs && switches.clientSecretOfSigningApp === "refused";
}
