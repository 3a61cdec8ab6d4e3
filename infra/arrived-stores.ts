import * as pulumi from "@pulumi/pulumi";
import { installationOf } from "../contract/declaration";
import { INSTALLED, originOf, storeKeyOf } from "../contract/names";
import type { ListedSecret } from "../contract/store/secret-facts";
import { declarationIn } from "../contract/store/view";
import type { FleetSpec, ListedFleet, StoreSpec } from "./config/spec";
import type { Place } from "./policies/statement";

/**
 * Warns of stores of config and list whose merchants came by themselves before (`installs: open`): a second secret of the
 * same app on the same shop would be approved anew, and that ends the tokens of the first. And of those whose secret's name
 * a merchant's store of another shop has.
 *
 * A courtesy, as `warnOfDeletedSecrets` is: silent where AWS gives no list, and up to five minutes behind.
 */
export function warnOfArrivedStores(
  { stores, listed: list, settings }: FleetSpec,
  place: pulumi.Output<Place>,
  listed: (place: Place) => Promise<readonly ListedSecret[] | undefined>,
): void {
  place.apply(async (found) => {
    const arrived = new Arrived((await listed(found)) ?? [], settings.prefix);
    const warnings = [
      ...stores.flatMap((store) => arrived.saysOf(store) ?? []),
      ...(list === undefined ? [] : arrived.saysOfList(list)),
    ];
    for (const warning of warnings) void pulumi.log.warn(warning);
  });
}

/** The stores whose merchants came by themselves, found by what a declared one would have in common with them. */
class Arrived {
  readonly #prefix: string;
  readonly #byInstallation = new Map<string, ListedSecret>();
  readonly #byName = new Map<string, ListedSecret>();

  constructor(listed: readonly ListedSecret[], prefix: string) {
    this.#prefix = prefix;
    for (const secret of listed) {
      const { facts } = secret;
      if (originOf(facts) !== INSTALLED || facts.deletedAt !== undefined) continue;
      this.#byName.set(facts.name, secret);
      const own = declarationIn(facts);
      if (own !== undefined) this.#byInstallation.set(installationOf(own), secret);
    }
  }

  saysOf(store: StoreSpec): string | undefined {
    const { key, secretName, adopt } = store;
    const twin = this.#twinOf(store);
    if (twin !== undefined)
      return twin.secretArn === adopt ? undefined : this.#adopting(key, store, twin);
    const other = this.#byName.get(secretName);
    if (other === undefined || other.secretArn === adopt) return undefined;
    return `${key}: a merchant who came by himself has a secret of that name, of another shop: pulumi up could not make this one. Next: shopify-secrets status ${key}, and give the store another key in config`;
  }

  /** Of a list in one sentence: it may have thousands of them. */
  *saysOfList({ file, stores }: ListedFleet): Generator<string> {
    const twins = stores.flatMap((store) => {
      const twin = this.#twinOf(store);
      return twin === undefined ? [] : [`${store.key} (as ${this.#keyOf(twin)})`];
    });
    const left = "shopify-secrets apply leaves them alone";
    if (twins.length > 0) {
      yield `${file}: the merchants of ${shown(twins)} came by themselves and have their stores already; ${left}. Next: take their lines out of ${file}`;
    }
    const others = stores
      .filter((store) => this.#twinOf(store) === undefined && this.#byName.has(store.secretName))
      .map(({ key }) => key);
    if (others.length > 0) {
      yield `${file}: merchants who came by themselves, of other shops, have the keys of ${shown(others)}; ${left}. Next: give the stores other keys in ${file}`;
    }
  }

  #twinOf({ declaration }: StoreSpec): ListedSecret | undefined {
    return this.#byInstallation.get(installationOf(declaration));
  }

  #adopting(key: string, { secretName }: StoreSpec, twin: ListedSecret): string {
    const { secretArn, facts } = twin;
    const set = (setting: string, value: string) =>
      `pulumi config set --path 'shopify-secrets:stores.${key}.${setting}' '${value}'`;
    const named = facts.name === secretName ? "" : `${set("secretName", facts.name)}, then `;
    return `${key}: its merchant came by himself and has a store already, ${this.#keyOf(twin)}; another secret would end its tokens. Next: ${named}${set("adopt", secretArn)}`;
  }

  #keyOf({ facts }: ListedSecret): string {
    return storeKeyOf(this.#prefix, facts.name) ?? facts.name;
  }
}

const SHOWN = 10;

function shown(stores: readonly string[]): string {
  const more = stores.length - SHOWN;
  return `${stores.slice(0, SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
