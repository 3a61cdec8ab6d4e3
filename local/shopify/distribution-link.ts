import { type AuthorizeResult, installPage, invalidLink, withoutAllowlist } from "./authorize";
import { htmlAnswer, type ImitationRequest, redirectAnswer, urlOf } from "./protocol";
import { needsAllowlist } from "./rules/allowlist";
import { appUrlAddress } from "./rules/callback";
import { grantScopes } from "./rules/installation";
import type { AppOnShop, DistributionLink, RuleContext, Shop } from "./state";

export const DISTRIBUTION_PATH = "/admin/oauth/install_custom_app";

/** How long a link of custom distribution can be used (help centre, "Installing apps", 2024): seven days. */
const LINK_LIFE_MS = 7 * 24 * 3_600_000;

/** A link of custom distribution, as the Dev Dashboard makes one for a store. */
export function makeDistributionLink(context: RuleContext, on: AppOnShop): string {
  const token = context.randomness.hex(16);
  const { clientId, shop } = on;
  context.state.distributionLinks.set(token, {
    token,
    clientId,
    shop,
    endsAt: context.now + LINK_LIFE_MS,
  });
  const query = new URLSearchParams({ client_id: clientId, signature: token });
  return `https://${shop}${DISTRIBUTION_PATH}?${query}`;
}

/** The page of such a link, and the form that it sends: the app is installed, and its own address opened. */
export function answerDistributionLink(
  context: RuleContext,
  shop: Shop,
  request: ImitationRequest,
): AuthorizeResult {
  const isAnswer = request.method === "POST";
  const given = isAnswer ? new URLSearchParams(request.body) : urlOf(request).searchParams;
  const link = context.state.distributionLinks.get(given.get("signature") ?? "");
  const app = context.state.apps.get(link?.clientId ?? "");
  if (link === undefined || app === undefined || !isUsable(context, link, shop)) {
    return invalidLink();
  }
  if (needsAllowlist(context, app, shop)) return withoutAllowlist();
  if (!isAnswer) {
    const field = { name: "signature", value: link.token };
    const of = { shop: shop.domain, scopes: app.scopes };
    return { answer: installPage(app, of, { action: DISTRIBUTION_PATH, field }) };
  }
  if (given.get("answer") !== "approve") {
    return { answer: htmlAnswer(200, { title: "Cancelled", content: "<p>Not installed.</p>" }) };
  }
  grantScopes(context, link, app.scopes);
  return { answer: redirectAnswer(appUrlAddress(context, link) ?? `https://${shop.domain}/admin`) };
}

function isUsable(context: RuleContext, link: DistributionLink, shop: Shop): boolean {
  return link.shop === shop.domain && context.now < link.endsAt;
}
