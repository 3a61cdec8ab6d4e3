import type { StoreKey } from "../../contract/brands";
import { originOf } from "../../contract/names";
import { plural } from "../../contract/plural";
import { holderOf, type SecretFacts } from "../../contract/store/secret-facts";
import { parseStatus } from "../../contract/store/status";
import { UP } from "../../contract/up";
import type { Call } from "../command";
import { atOnce } from "../fleet/at-once";
import { readFleet } from "../fleet/fleet";
import { LISTS_LAG } from "../fleet/lists-lag";
import type { StoreSeen } from "../fleet/store-view";
import { Refusal } from "../refusal";

/** The secrets of stores, as they are now. */
export async function secretsToMove(
  call: Call,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoreSeen>> {
  const wanted = new Set(keys);
  const fleet = (await readFleet(call)).filter(({ store }) => wanted.has(store));
  const found = new Map(fleet.map((seen) => [seen.store, seen]));
  const lacking = keys.find((key) => !found.has(key as StoreKey));
  if (lacking !== undefined) {
    throw new Refusal(
      `${lacking} has no secret yet`,
      `shopify-secrets status ${lacking} (${LISTS_LAG})`,
    );
  }
  return found;
}

/** A store whose first step was deployed. */
export interface Deployed {
  readonly store: StoreKey;
  readonly facts: SecretFacts;
}

/**
 * The stores as they are now.
 *
 * @param again the command that is refused
 * @throws {Refusal} the first step was not deployed: then the state would still hold the stores, or not yet
 */
export async function requireDeployed(
  {
    call,
    keys,
    again,
  }: { readonly call: Call; readonly keys: readonly string[]; readonly again: string },
  origin: ReturnType<typeof originOf>,
): Promise<readonly Deployed[]> {
  const found = await secretsToMove(call, keys);
  const fresh = await atOnce([...found.values()], async ({ store, secretArn }) => ({
    store,
    secret: await call.aws.secrets.find(secretArn),
  }));
  const deployed = fresh.flatMap(({ store, secret }): Deployed[] => {
    const isDeployed = secret !== undefined && originOf(secret.facts) === origin;
    return isDeployed && secret.facts.deletedAt === undefined
      ? [{ store, facts: secret.facts }]
      : [];
  });
  const there = new Set(deployed.map(({ store }) => store));
  const [first] = fresh.filter(({ store }) => !there.has(store));
  if (first === undefined) return deployed;
  throw new Refusal(
    `${plural(fresh.length - deployed.length, "store")} took no first step yet, such as ${first.store}`,
    `${UP}, then ${again}`,
  );
}

/**
 * Refuses to take a static token out of config that is the only copy: Shopify shows such a token once. Whether the stored
 * one is the very one of config stands in its record alone, which no command reads; that one works stands in the tags.
 */
export function requireStored(stores: readonly Deployed[], tokens: ReadonlySet<string>): void {
  const bare = stores.filter(({ store, facts }) => tokens.has(store) && !holdsToken(facts));
  const [first] = bare;
  if (first === undefined) return;
  throw new Refusal(
    `config holds the token of ${plural(bare.length, "store")} whose secret has none that works, such as ${first.store}`,
    `${UP}, which stores it, or shopify-secrets put ${first.store}, then the same command`,
  );
}

function holdsToken(facts: SecretFacts): boolean {
  const { state } = parseStatus(facts.tags);
  return holderOf(facts, "AWSCURRENT") !== undefined && state !== "dead" && state !== "uninstalled";
}
