import { type AppOnShop, installationOf, putInstallation, type RuleContext } from "../state";

/** Installs the app, or changes what an installed app may do; a change is announced. */
export function grantScopes(context: RuleContext, on: AppOnShop, scopes: readonly string[]): void {
  const { clientId, shop } = on;
  const installation = installationOf(context.state, on);
  if (installation === undefined) {
    putInstallation(context.state, { clientId, shop, scopes, installedAt: context.now });
    return;
  }
  const previous = installation.scopes;
  installation.scopes = scopes;
  if ([...previous].sort().join() === [...scopes].sort().join()) return;
  context.announce({ topic: "app/scopes_update", clientId, shop, previous, current: scopes });
}
