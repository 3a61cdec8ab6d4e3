import * as pulumi from "@pulumi/pulumi";
import { INSTALLED, originOf, storeKeyOf } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import { declarationIn } from "../contract/store/view";
import type { FleetSpec, StoreSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/**
 * Warns of declared stores whose merchants came by themselves before (`installs: open`): a second secret of the same app
 * on the same shop would be approved anew, and that ends the tokens of the first.
 *
 * A courtesy, as `warnOfDeletedSecrets` is: silent where AWS gives no list, and up to five minutes behind.
 */
export function warnOfArrivedStores(
  { stores, settings }: FleetSpec,
  place: pulumi.Output<Place>,
  listed: (place: Place) => Promise<readonly ListedSecret[] | undefined>,
): void {
  place.apply(async (found) => {
    const arrived = ((await listed(found)) ?? []).filter(
      ({ facts }) => originOf(facts) === INSTALLED && facts.deletedAt === undefined,
    );
    for (const store of stores) {
      const twin = arrived.find((secret) => isTwin(store, secret));
      if (twin !== undefined) void pulumi.log.warn(saysOf(store, twin, settings.prefix));
    }
  });
}

function isTwin({ declaration, adopt }: StoreSpec, { secretArn, facts }: ListedSecret): boolean {
  const own = declarationIn(facts);
  const isSame = own?.app === declaration.app && own?.shop === declaration.shop;
  return isSame && secretArn !== adopt;
}

function saysOf(
  { key, secretName }: StoreSpec,
  { secretArn, facts }: ListedSecret,
  prefix: string,
) {
  const set = (setting: string, value: string) =>
    `pulumi config set --path 'shopify-secrets:stores.${key}.${setting}' '${value}'`;
  const named = facts.name === secretName ? "" : `${set("secretName", facts.name)}, then `;
  const arrivedAs = storeKeyOf(prefix, facts.name) ?? facts.name;
  return `${key}: its merchant came by himself and has a store already, ${arrivedAs}; another secret would end its tokens. Next: ${named}${set("adopt", secretArn)}`;
}
