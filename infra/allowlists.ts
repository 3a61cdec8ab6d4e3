import { type Allowed, joinAllowed, networksOf } from "../contract/allowlist";
import { DISTRIBUTION_FACTS } from "../contract/distribution";
import { isApprovedByMerchant } from "../contract/kinds";
import type { AppSpec, FleetSpec } from "./config/spec";

/** What is to be pasted into the IP allowlist of one app, in the Dev Dashboard. */
export interface AppAllowlist extends Allowed {
  /** Whom it lets pass: the functions, and the applications that config names. */
  readonly for: readonly string[];
}

/** The allowlists of the apps that need one, by their keys; of a region, whose networks the functions use. */
export function allowlistsOf(spec: FleetSpec, region: string): Record<string, AppAllowlist> {
  const { vpc } = spec.settings;
  const { consumers = [] } = spec;
  return Object.fromEntries(
    spec.apps
      .filter((app) => needsAllowlist(app, spec))
      .map((app) => {
        const own =
          app.allowlist === "addresses"
            ? { addresses: vpc?.addresses ?? [], networks: [], countries: [] }
            : networksOf(region);
        const whom = ["functions", ...consumers.map(({ name }) => name)];
        return [app.app, { ...joinAllowed([own, ...consumers]), for: whom }];
      }),
  );
}

/** An app that does not say how it is distributed needs one as soon as merchants approve it. */
function needsAllowlist({ app, allowlist, distribution }: AppSpec, { stores }: FleetSpec): boolean {
  if (allowlist !== undefined) return true;
  if (distribution !== undefined) return DISTRIBUTION_FACTS[distribution].allowlist === "required";
  return stores.some(
    ({ declaration }) => declaration.app === app && isApprovedByMerchant(declaration),
  );
}
