import * as pulumi from "@pulumi/pulumi";
import { LISTED, originOf } from "../contract/names";
import { plural } from "../contract/plural";
import type { ListedSecret } from "../contract/store/secret-facts";
import type { FleetSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/**
 * Warns of stores of a list in a stack whose config names none: they go on being renewed, and nobody changes or retires
 * them any more.
 *
 * A courtesy, as `warnOfDeletedSecrets` is: silent where AWS gives no list, and up to five minutes behind.
 */
export function warnOfAbandonedList(
  { listed: list }: Pick<FleetSpec, "listed">,
  place: pulumi.Output<Place>,
  listed: (place: Place) => Promise<readonly ListedSecret[] | undefined>,
): void {
  if (list !== undefined) return;
  place.apply(async (found) => {
    const abandoned = ((await listed(found)) ?? []).filter(
      ({ facts }) => originOf(facts) === LISTED && facts.deletedAt === undefined,
    );
    if (abandoned.length === 0) return;
    void pulumi.log.warn(
      `${plural(abandoned.length, "store")} of a list ${abandoned.length === 1 ? "is" : "are"} there, and config names no list: they go on being renewed, and nothing changes or retires them. Next: pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl`,
    );
  });
}
