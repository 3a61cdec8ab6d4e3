import { authorizationCodeGrant } from "./grants/authorization-code";
import { clientCredentialsGrant } from "./grants/client-credentials";
import { type Grant, type GrantOutcome, refused } from "./grants/grant";
import { refreshTokenGrant } from "./grants/refresh-token";
import { repinningGrant } from "./grants/repinning";
import { tokenExchangeGrant } from "./grants/token-exchange";
import { type Answer, headerOf, type ImitationRequest, jsonAnswer } from "./protocol";
import { ASSERTION_TYPE, judgeAssertion } from "./rules/client-assertion";
import {
  assertionError,
  OAUTH_ERRORS,
  type OauthError,
  oauthErrorAnswer,
  wrongSecretError,
} from "./rules/oauth-errors";
import { type App, liveSecretsOf, type RuleContext, type Shop } from "./state";

type Fields = Readonly<Record<string, string>>;

/** RFC 7523, section 2.1. */
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const GRANTS: Readonly<Record<string, Grant>> = {
  client_credentials: clientCredentialsGrant,
  authorization_code: authorizationCodeGrant,
  refresh_token: refreshTokenGrant,
  repinning: repinningGrant,
  "urn:ietf:params:oauth:grant-type:token-exchange": tokenExchangeGrant,
  [JWT_BEARER]: clientCredentialsGrant,
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
  const proof = proofOf(context, { app, shop, fields });
  if (proof.refused !== undefined) return refused(proof.refused);
  const grant = Object.hasOwn(GRANTS, of.grant) ? GRANTS[of.grant] : undefined;
  const request = { app, shop, fields, provenBy: proof.id, isSigned: proof.isSigned };
  return grant?.(context, request) ?? refused(OAUTH_ERRORS.unsupportedGrant);
}

type Proof =
  | { readonly id: string; readonly isSigned: boolean; readonly refused?: never }
  | { readonly refused: OauthError };

/** By what the client proves that it is the app: a client secret, or an assertion that one of its keys signed. */
function proofOf(
  context: RuleContext,
  { app, shop, fields }: { app: App; shop: Shop; fields: Fields },
): Proof {
  const assertion = assertionIn(context, fields);
  if (assertion !== undefined) {
    const { keyId, fault } = judgeAssertion(context, { app, shop, assertion });
    if (fault !== undefined) return { refused: assertionError(context.switches, fault) };
    return { id: keyId, isSigned: true };
  }
  const secret = liveSecretsOf(app).find(({ value }) => value === fields["client_secret"]);
  if (secret === undefined) return { refused: wrongSecretError(context.switches) };
  return { id: secret.id, isSigned: false };
}

/** The assertion of a request, by the names that Shopify turns out to use. */
function assertionIn({ switches }: RuleContext, fields: Fields): string | undefined {
  if (switches.assertionGrant === "jwt-bearer") {
    return fields["grant_type"] === JWT_BEARER ? fields["assertion"] : undefined;
  }
  if (fields["client_assertion_type"] !== ASSERTION_TYPE) return undefined;
  return fields["client_assertion"];
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
