import { appNotInstalledError, OAUTH_ERRORS } from "../rules/oauth-errors";
import { verifySessionToken } from "../rules/session-token";
import { acquirePair, deathOf, LIFE_SECONDS } from "../rules/tokens";
import {
  type AccessToken,
  installationOf,
  type Migration,
  type RuleContext,
  sameAppOnShop,
} from "../state";
import { acquireOffline } from "./authorization-code";
import {
  agedPairBody,
  asksForExpiring,
  type Grant,
  type GrantRequest,
  granted,
  ownerOf,
  pairBody,
  refused,
} from "./grant";

const OFFLINE_TOKEN_TYPE = "urn:shopify:params:oauth:token-type:offline-access-token";
const ID_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:id_token";

/** Two uses: an embedded app's session token for an offline token, and the migration of a non-expiring token. */
export const tokenExchangeGrant: Grant = (context, request) => {
  if (request.fields["requested_token_type"] !== OFFLINE_TOKEN_TYPE)
    return refused(OAUTH_ERRORS.malformed);
  switch (request.fields["subject_token_type"]) {
    case ID_TOKEN_TYPE:
      return exchangeSessionToken(context, request);
    case OFFLINE_TOKEN_TYPE:
      return migrate(context, request);
    default:
      return refused(OAUTH_ERRORS.malformed);
  }
};

const exchangeSessionToken: Grant = (context, request) => {
  const { app, shop, fields } = request;
  if (
    !verifySessionToken(context, { app, shop: shop.domain, token: fields["subject_token"] ?? "" })
  ) {
    return refused(OAUTH_ERRORS.subjectTokenBad);
  }
  const installation = installationOf(context.state, { clientId: app.clientId, shop: shop.domain });
  if (installation === undefined) return refused(appNotInstalledError(context.switches));
  return acquireOffline(context, request, installation.scopes);
};

/** Irreversible: the old token dies with the first reply; the same call gives the same pair for seven days. */
const migrate: Grant = (context, request) => {
  if (!asksForExpiring(request.fields)) return refused(OAUTH_ERRORS.malformed);
  const value = request.fields["subject_token"] ?? "";
  const earlier = context.state.migrations.get(value);
  if (earlier !== undefined && mayReplay(context, { earlier, request })) {
    const body = context.switches.migrationReplayLife === "remaining" ? agedPairBody : pairBody;
    return granted(body(context, earlier.pair));
  }
  const subject = context.state.accessTokens.get(value);
  if (subject === undefined || !mayMigrate(context, { subject, request }))
    return refused(OAUTH_ERRORS.subjectTokenBad);
  const pair = acquirePair(context, ownerOf(request, subject.scopes));
  subject.death = "migrated";
  context.state.migrations.set(value, {
    subject: value,
    clientId: subject.clientId,
    at: context.now,
    pair,
  });
  return granted(pairBody(context, pair));
};

function mayMigrate(
  context: RuleContext,
  of: { subject: AccessToken; request: GrantRequest },
): boolean {
  const { subject } = of;
  return (
    subject.kind === "offline" &&
    isOwnedBy(subject, of.request) &&
    deathOf(context, subject) === undefined
  );
}

function mayReplay(
  context: RuleContext,
  of: { earlier: Migration; request: GrantRequest },
): boolean {
  const { earlier, request } = of;
  const isRecent = context.now < earlier.at + LIFE_SECONDS.migrationReplay * 1_000;
  const isInstalled = earlier.pair.access.death !== "uninstalled";
  return isRecent && isInstalled && isOwnedBy(earlier.pair.access, request);
}

function isOwnedBy(token: AccessToken, request: GrantRequest): boolean {
  return sameAppOnShop(token, { clientId: request.app.clientId, shop: request.shop.domain });
}
