import {
  type Answer,
  escapeHtml,
  htmlAnswer,
  type ImitationRequest,
  redirectAnswer,
  urlOf,
} from "./protocol";
import { needsAllowlist } from "./rules/allowlist";
import { approveAuthorization } from "./rules/callback";
import { expandScopes, parseScopes } from "./rules/scopes";
import {
  type App,
  installationOf,
  type PendingApproval,
  type RuleContext,
  type Shop,
} from "./state";

export const AUTHORIZE_PATH = "/admin/oauth/authorize";

export interface AuthorizeResult {
  readonly answer: Answer;
  readonly error?: string;
  /** The page that waits for the merchant's answer, when one was shown. */
  readonly approvalId?: string;
}

/** The authorize page, and the form that it sends. */
export function answerAuthorize(
  context: RuleContext,
  shop: Shop,
  request: ImitationRequest,
): AuthorizeResult {
  return request.method === "POST"
    ? takeAnswer(context, shop, request)
    : showPage(context, shop, request);
}

function showPage(context: RuleContext, shop: Shop, request: ImitationRequest): AuthorizeResult {
  const { searchParams } = urlOf(request);
  const app = context.state.apps.get(searchParams.get("client_id") ?? "");
  if (app === undefined || context.now < app.knownFrom)
    return refusalPage("application_cannot_be_found");
  const redirectUri = searchParams.get("redirect_uri") ?? "";
  if (!app.redirectUris.includes(redirectUri))
    return refusalPage("invalid_request: The redirect_uri is not whitelisted");
  // `grant_options[]=` with an empty value still means offline: Shopify's own library sends it.
  if (searchParams.getAll("grant_options[]").includes("per-user"))
    return refusalPage("invalid_request: online access");
  const approval: PendingApproval = {
    id: context.randomness.hex(16),
    clientId: app.clientId,
    shop: shop.domain,
    scopes: wantedScopes(app, searchParams),
    redirectUri,
    state: searchParams.get("state") ?? undefined,
  };
  if (needsDistributionLink(context, app, shop)) return invalidLink();
  if (needsAllowlist(context, app, shop)) return withoutAllowlist();
  if (mayPassAtOnce(context, approval))
    return { answer: redirectAnswer(approveAuthorization(context, approval)) };
  context.state.approvals.set(approval.id, approval);
  return { answer: approvalPage(app, approval), approvalId: approval.id };
}

/**
 * A custom app comes to a store of another organization by Shopify's own link, and by nothing else.
 *
 * Source: Shopify's staff in Shopify/shopify_app#850 and #854.
 */
export function needsDistributionLink(context: RuleContext, app: App, shop: Shop): boolean {
  const isForeign = app.distribution === "custom" && app.organization !== shop.organization;
  const on = { clientId: app.clientId, shop: shop.domain };
  return (
    isForeign &&
    installationOf(context.state, on) === undefined &&
    context.switches.authorizeOnForeignStore === "invalid-link"
  );
}

export function invalidLink(): AuthorizeResult {
  return refusalPage(
    "invalid_link: This app can't be installed using this link. Contact the app developer",
  );
}

/** The words are likely ones: none is published. */
export function withoutAllowlist(): AuthorizeResult {
  return refusalPage(
    "app_blocked: This app can't be installed because it has no IP allowlist. Contact the app developer",
  );
}

function takeAnswer(context: RuleContext, shop: Shop, request: ImitationRequest): AuthorizeResult {
  const form = new URLSearchParams(request.body);
  const approval = context.state.approvals.get(form.get("approval") ?? "");
  if (approval === undefined || approval.shop !== shop.domain)
    return refusalPage("invalid_request: this page has expired");
  context.state.approvals.delete(approval.id);
  if (form.get("answer") !== "approve") {
    return {
      answer: htmlAnswer(200, { title: "Cancelled", content: "<p>The app was not installed.</p>" }),
    };
  }
  return { answer: redirectAnswer(approveAuthorization(context, approval)) };
}

function wantedScopes(app: App, parameters: URLSearchParams): readonly string[] {
  const asked = parseScopes(parameters.get("scope") ?? "");
  // Where Shopify manages the installation the link's own scopes say nothing.
  return asked.length === 0 || app.managedInstall === true ? app.scopes : asked;
}

function mayPassAtOnce(context: RuleContext, approval: PendingApproval): boolean {
  if (context.switches.authorizeWhenInstalled === "page") return false;
  const installation = installationOf(context.state, approval);
  if (installation === undefined) return false;
  const held = expandScopes(installation.scopes);
  return approval.scopes.every((scope) => held.includes(scope));
}

export function refusalPage(error: string): AuthorizeResult {
  return {
    answer: htmlAnswer(400, {
      title: `400 - Oauth error ${error}`,
      content: `<h1>Oauth error ${escapeHtml(error)}</h1>`,
    }),
    error,
  };
}

function approvalPage(app: App, approval: PendingApproval): Answer {
  return installPage(app, approval, {
    action: AUTHORIZE_PATH,
    field: { name: "approval", value: approval.id },
  });
}

/** The page on which a merchant says yes or no, with the form that it sends. */
export function installPage(
  app: App,
  of: { readonly shop: string; readonly scopes: readonly string[] },
  form: {
    readonly action: string;
    readonly field: { readonly name: string; readonly value: string };
  },
): Answer {
  const scopes = of.scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join("\n");
  return htmlAnswer(200, {
    title: `Install ${app.name}`,
    content: `<main>
<h1>Install ${escapeHtml(app.name)} on ${escapeHtml(of.shop)}?</h1>
<p>This page imitates Shopify. The app will be able to use:</p>
<ul>
${scopes}
</ul>
<form method="post" action="${form.action}">
<input type="hidden" name="${form.field.name}" value="${form.field.value}">
<button type="submit" name="answer" value="approve" id="approve">Install app</button>
<button type="submit" name="answer" value="cancel" id="cancel">Cancel</button>
</form>
</main>`,
  });
}
