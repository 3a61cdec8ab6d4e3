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

/** Why a client assertion is refused; Shopify's own words are not published. */
export type AssertionFault = "key" | "time" | "audience" | "replay" | "claims";

const FAULTS: Readonly<Record<AssertionFault, string>> = {
  key: "The client assertion is not signed with a key of this application",
  time: "The client assertion has expired or is not valid yet",
  audience: "The client assertion has the wrong audience",
  replay: "The client assertion was already used",
  claims: "The client assertion lacks a claim",
};

export function assertionError(switches: Switches, fault: AssertionFault): OauthError {
  switch (switches.assertionRefusal) {
    case "401-invalid-client":
      return { status: 401, error: "invalid_client", description: FAULTS[fault] };
    case "400-invalid-grant":
      return badRequest("invalid_grant", FAULTS[fault]);
    case "401-without-words":
      return { status: 401, error: "invalid_client", description: "" };
    default:
      return switches.assertionRefusal satisfies never;
  }
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
