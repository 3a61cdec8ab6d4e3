import * as pulumi from "@pulumi/pulumi";
import { LISTED, originOf } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import type { FleetSpec } from "./config/spec";
import { type LastOutputs, secretArnsIn } from "./last-outputs";
import type { Place } from "./policies/statement";
import { inTime } from "./store-list";

/** What is looked at, so that tests need neither AWS nor an engine. */
export interface Looked {
  readonly listed: (place: Place) => Promise<readonly ListedSecret[] | undefined>;
  readonly lastOutputs: () => Promise<LastOutputs>;
}

/**
 * Warns of stores that config declares by the name of a secret which is the list's, and which is not on its way: AWS lets
 * `pulumi up` make no second one of that name, and a run of a list without the store's line would retire it.
 *
 * A courtesy, as `warnOfDeletedSecrets` is: silent where AWS gives no list, and up to five minutes behind.
 */
export function warnOfUnmovedStores(
  { stores }: Pick<FleetSpec, "stores">,
  place: pulumi.Output<Place>,
  { listed, lastOutputs }: Looked,
): void {
  place.apply(async (found) => {
    const ofList = new Map(
      ((await listed(found)) ?? [])
        .filter(({ facts }) => originOf(facts) === LISTED && facts.deletedAt === undefined)
        .map(({ secretArn, facts }) => [facts.name, secretArn]),
    );
    if (ofList.size === 0) return;
    // What Pulumi has taken over AWS may list as it was for five minutes.
    const own = new Set<string>(secretArnsIn((await inTime(lastOutputs)) ?? {}));
    for (const { key, secretName, adopt, moving } of stores) {
      const secretArn = ofList.get(secretName);
      const isFree = secretArn === undefined || secretArn === adopt || own.has(secretArn);
      if (isFree || moving !== undefined) continue;
      void pulumi.log.warn(
        `${key}: its secret is the list's, and pulumi up can make no second one of that name. Next: take the store out of config, leave its line in the list, and move it: shopify-secrets move --help`,
      );
    }
  });
}
