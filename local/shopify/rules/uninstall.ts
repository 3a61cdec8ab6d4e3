import { type AppOnShop, installationOf, type RuleContext, removeInstallation } from "../state";
import { killAccessTokens, retireRefreshTokens } from "./tokens";

/** Uninstalling kills every token of the app on the shop; says whether the app was installed. */
export function uninstall(context: RuleContext, on: AppOnShop): boolean {
  const installation = installationOf(context.state, on);
  if (installation === undefined) return false;
  const { clientId, shop } = installation;
  removeInstallation(context.state, { clientId, shop });
  killAccessTokens(context, { clientId, shop }, "uninstalled");
  retireRefreshTokens(context, { clientId, shop }, "uninstalled");
  context.announce({ topic: "app/uninstalled", clientId, shop });
  context.announce({ topic: "shop/redact", clientId, shop });
  return true;
}
