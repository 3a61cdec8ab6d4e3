import { authorizationCodeGrant } from "./grants/authorization-code";
import { clientCredentialsGrant } from "./grants/client-credentials";
import { type Grant, type GrantOutcome, refused } from "./grants/grant";
import { refreshTokenGrant } from "./grants/refresh-token";
import { repinningGrant } from "./grants/repinning";
import { tokenExchangeGrant } from "./grants/token-exchange";
import { type Answer, headerOf, type ImitationRequest, jsonAnswer } from "./protocol";
import { OAUTH_ERRORS, oauthErrorAnswer, wrongSecretError } from "./rules/oauth-errors";
import { liveSecretsOf, type RuleContext, type Shop } from "./state";

type Fields = Readonly<Record<string, string>>;

const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: clientCredentialsGrant,
  authorization_code: authorizationCodeGrant,
  refresh_token: refreshTokenGrant,
  repinning: repinningGrant,
  "urn:ietf:params:oauth:grant-type:token-exchange": tokenExchangeGrant,
};

/** What the call log notes of a token request. */
export interface TokenEndpointResult {
  readonly answer: Answer;
  readonly grant: string;
  /** Shopify's short error code; absent on success. */
  readonly error?: string;
  /** The access token that was handed out. */
  readonly accessToken?: string;
}

/** `POST /admin/oauth/access_token`: every grant, form or JSON bodies. */
export function answerTokenRequest(
  context: RuleContext,
  shop: Shop,
  request: ImitationRequest,
): TokenEndpointResult {
  const fields = parseFields(request);
  const grant = grantNameOf(fields);
  const outcome = decide(context, { shop, fields, grant });
  if (outcome.refused !== undefined) {
    return {
      answer: oauthErrorAnswer(context, outcome.refused, request),
      grant,
      error: outcome.refused.error,
    };
  }
  return {
    answer: jsonAnswer(200, outcome.granted),
    grant,
    accessToken: outcome.granted.access_token,
  };
}

function decide(
  context: RuleContext,
  of: { shop: Shop; fields: Fields; grant: string },
): GrantOutcome {
  const { shop, fields } = of;
  const app = context.state.apps.get(fields["client_id"] ?? "");
  if (app === undefined || context.now < app.knownFrom) return refused(OAUTH_ERRORS.appUnknown);
  const secret = liveSecretsOf(app).find(({ value }) => value === fields["client_secret"]);
  if (secret === undefined) return refused(wrongSecretError(context.switches));
  const grant = Object.hasOwn(GRANTS, of.grant) ? GRANTS[of.grant] : undefined;
  return grant?.(context, { app, secret, shop, fields }) ?? refused(OAUTH_ERRORS.unsupportedGrant);
}

/** Two requests need no `grant_type`: one with a code, of which Shopify's own clients send none, and one with an old token. */
function grantNameOf(fields: Fields): string {
  if (fields["grant_type"] !== undefined) return fields["grant_type"];
  if (fields["code"] !== undefined) return "authorization_code";
  return fields["access_token"] === undefined ? "none" : "repinning";
}

function parseFields(request: ImitationRequest): Fields {
  const contentType = headerOf(request, "content-type") ?? "";
  return /\bapplication\/json\b/i.test(contentType)
    ? parseJsonFields(request.body)
    : parseFormFields(request.body);
}

function parseFormFields(body: string): Fields {
  return Object.fromEntries(new URLSearchParams(body));
}

function parseJsonFields(body: string): Fields {
  const parsed = parsedOrUndefined(body);
  if (typeof parsed !== "object" || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed).flatMap(([key, value]) =>
      isScalar(value) ? [[key, String(value)]] : [],
    ),
  );
}

function parsedOrUndefined(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // a body that is not JSON has no fields, and is refused for that
  }
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
