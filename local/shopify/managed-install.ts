import {
  type AuthorizeResult,
  installPage,
  invalidLink,
  needsDistributionLink,
  refusalPage,
  withoutAllowlist,
} from "./authorize";
import { htmlAnswer, type ImitationRequest, redirectAnswer, urlOf } from "./protocol";
import { needsAllowlist } from "./rules/allowlist";
import { appUrlAddress } from "./rules/callback";
import { grantScopes } from "./rules/installation";
import { installationOf, type RuleContext, type Shop } from "./state";

export const INSTALL_PATH = "/admin/oauth/install";

/**
 * An installation that Shopify manages: the merchant agrees to the released scopes, and the app's own address is
 * opened; no code is handed out. An app with the older way is only opened, and asks for itself.
 *
 * Source: Shopify's "App installation" (Shopify-managed; `use_legacy_install_flow`).
 */
export function answerInstall(
  context: RuleContext,
  shop: Shop,
  request: ImitationRequest,
): AuthorizeResult {
  const isAnswer = request.method === "POST";
  const given = isAnswer ? new URLSearchParams(request.body) : urlOf(request).searchParams;
  const app = context.state.apps.get(given.get("client_id") ?? "");
  if (app === undefined) return refusalPage("application_cannot_be_found");
  if (needsDistributionLink(context, app, shop)) return invalidLink();
  if (needsAllowlist(context, app, shop)) return withoutAllowlist();
  const on = { clientId: app.clientId, shop: shop.domain };
  const opened = redirectAnswer(appUrlAddress(context, on) ?? `https://${shop.domain}/admin`);
  const isThere = installationOf(context.state, on) !== undefined;
  if (app.managedInstall !== true || (isThere && !isAnswer)) return { answer: opened };
  if (!isAnswer) {
    const field = { name: "client_id", value: app.clientId };
    const of = { shop: shop.domain, scopes: app.scopes };
    return { answer: installPage(app, of, { action: INSTALL_PATH, field }) };
  }
  if (given.get("answer") !== "approve") {
    return { answer: htmlAnswer(200, { title: "Cancelled", content: "<p>Not installed.</p>" }) };
  }
  grantScopes(context, on, app.scopes);
  return { answer: opened };
}
