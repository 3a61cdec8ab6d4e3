import { type Answer, headerOf, htmlAnswer, type ImitationRequest, jsonAnswer } from "../protocol";
import type { RuleContext } from "../state";
import type { Switches } from "../switches";

/** A refusal of the token endpoint. */
export interface OauthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

const badRequest = (error: string, description: string): OauthError => ({
  status: 400,
  error,
  description,
});

/** The refusals that have one known form. */
export const OAUTH_ERRORS = {
  malformed: badRequest("invalid_request", "The request is missing a required parameter"),
  storeNotPermitted: badRequest(
    "shop_not_permitted",
    "Client credentials cannot be performed on this shop.",
  ),
  appUnknown: badRequest("application_cannot_be_found", "The application could not be found"),
  codeUnknown: badRequest(
    "invalid_request",
    "The authorization code was not found or was already used",
  ),
  subjectTokenBad: badRequest("invalid_subject_token", "The subject token is invalid"),
  unsupportedGrant: badRequest("unsupported_grant_type", "The grant type is not supported"),
} as const satisfies Record<string, OauthError>;

export function wrongSecretError(switches: Switches): OauthError {
  return switches.wrongSecretAnswer === "400-invalid-request"
    ? badRequest("invalid_request", "Missing or invalid client secret")
    : { status: 401, error: "invalid_client", description: "Missing or invalid client secret" };
}

export function appNotInstalledError(switches: Switches): OauthError {
  return switches.appNotInstalledAnswer === "app-not-installed"
    ? badRequest("app_not_installed", "The application is not installed on this shop")
    : badRequest("invalid_request", "The application is not installed on this shop");
}

export function deadRefreshTokenError(switches: Switches): OauthError {
  const description = "This request requires an active refresh_token";
  return switches.deadRefreshTokenAnswer === "401-invalid-request"
    ? { status: 401, error: "invalid_request", description }
    : badRequest("invalid_grant", description);
}

/** Renders a refusal as JSON when the caller asked for JSON, else as the page that Shopify shows people. */
export function oauthErrorAnswer(
  context: RuleContext,
  refusal: OauthError,
  request: ImitationRequest,
): Answer {
  if (wantsJson(context, request)) {
    return jsonAnswer(refusal.status, {
      error: refusal.error,
      error_description: refusal.description,
    });
  }
  return htmlAnswer(refusal.status, {
    title: `${refusal.status} - Oauth error ${refusal.error}`,
    content: `<h1>Oauth error ${refusal.error}: ${refusal.description}</h1>`,
  });
}

function wantsJson(context: RuleContext, request: ImitationRequest): boolean {
  const accept = headerOf(request, "accept") ?? "";
  return (
    /\bapplication\/json\b/i.test(accept) || context.switches.errorsWithoutJsonAccept === "json"
  );
}
