import { askToInstall, openInstalled, readVisit } from "./ask-to-install";
import {
  type AuthorizeResult,
  invalidLink,
  needsDistributionLink,
  refusalPage,
  withoutAllowlist,
} from "./authorize";
import type { ImitationRequest } from "./protocol";
import { needsAllowlist } from "./rules/allowlist";
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
  const { isAnswer, given } = readVisit(request);
  const app = context.state.apps.get(given.get("client_id") ?? "");
  if (app === undefined) return refusalPage("application_cannot_be_found");
  if (needsDistributionLink(context, app, shop)) return invalidLink();
  if (needsAllowlist(context, app, shop)) return withoutAllowlist();
  const on = { clientId: app.clientId, shop: shop.domain };
  const isThere = installationOf(context.state, on) !== undefined;
  if (app.managedInstall !== true || (isThere && !isAnswer)) return openInstalled(context, on);
  const form = { action: INSTALL_PATH, field: { name: "client_id", value: app.clientId } };
  return askToInstall(context, { app, on }, { request, form });
}
