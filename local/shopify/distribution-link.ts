import { askToInstall, readVisit } from "./ask-to-install";
import { type AuthorizeResult, invalidLink, withoutAllowlist } from "./authorize";
import type { ImitationRequest } from "./protocol";
import { needsAllowlist } from "./rules/allowlist";
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
  const { given } = readVisit(request);
  const link = context.state.distributionLinks.get(given.get("signature") ?? "");
  const app = context.state.apps.get(link?.clientId ?? "");
  if (link === undefined || app === undefined || !isUsable(context, link, shop)) {
    return invalidLink();
  }
  if (needsAllowlist(context, app, shop)) return withoutAllowlist();
  const form = {
    action: DISTRIBUTION_PATH,
    field: { name: "signature", value: link.token },
  };
  return askToInstall(context, { app, on: link }, { request, form });
}

function isUsable(context: RuleContext, link: DistributionLink, shop: Shop): boolean {
  return link.shop === shop.domain && context.now < link.endsAt;
}
