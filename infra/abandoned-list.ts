import * as pulumi from "@pulumi/pulumi";
import type { FleetSpec } from "./config/spec";
import type { Place } from "./policies/statement";
import {
  firstStoreIn,
  goingOn,
  inTime,
  pagesOfList,
  type StorePages,
  type Whereabouts,
} from "./store-list";

/**
 * Warns of stores of a list in a stack whose config names none: nobody changes or retires them any more. Those that
 * nothing would renew are refused before, by `endedLists`.
 *
 * A courtesy, as `warnOfDeletedSecrets` is: silent where AWS gives no list, and up to five minutes behind. It looks no
 * further than to the first that stands.
 */
export function warnOfAbandonedList(
  { listed, settings: { prefix } }: Pick<FleetSpec, "listed" | "settings">,
  place: pulumi.Output<Place>,
  ofList: (where: Whereabouts, signal: AbortSignal) => StorePages = pagesOfList,
): void {
  if (listed !== undefined) return;
  place.apply(async (found) => {
    const where = { place: found, prefix };
    const store = await inTime((signal, goOn) =>
      firstStoreIn(goingOn(ofList(where, signal), goOn), prefix),
    );
    if (store === undefined) return;
    void pulumi.log.warn(
      `stores of a list are there (${store}), and config names no list: nothing changes or retires them, and they are renewed only as long as this stack and its apps are there. Next: pulumi config set --path 'shopify-secrets:fleet.list' stores.jsonl, or retire them, see "End a list" in docs/fleets.md`,
    );
  });
}
