import { isStoreKey, type StoreKey } from "../../contract/brands";
import type { Declaration } from "../../contract/declaration";
import { functionName, isOfPrefix, storeSecretName } from "../../contract/names";
import { adviceFor } from "../../contract/store/advice";
import type { ListedSecret } from "../../contract/store/secret-facts";
import { storeViewOf } from "../../contract/store/view";
import { MINUTE_MS, SECOND_MS } from "../../contract/time";
import type { Call } from "../command";
import { whileTelling } from "../print/progress";
import { Refusal, usageError } from "../refusal";
import { atOnce } from "./at-once";
import { LISTS_LAG } from "./lists-lag";
import { namedStores } from "./store-names";
import type { StoreSeen } from "./store-view";

/** What it takes to look at a stack's stores. */
export type Looking = Pick<Call, "aws" | "prefix" | "host" | "now">;

/**
 * The stores of a prefix, by key; reads no value. The named ones, or all where none are, are as they are now;
 * what only the list told of the others may be five minutes old.
 *
 * None at all is a refusal: a mistyped prefix must not read as a fleet that is well.
 */
export async function readFleet(
  call: Looking,
  words: readonly string[] = [],
): Promise<StoreSeen[]> {
  const { stores } = await readWholeFleet(call, words);
  if (stores.length === 0) throw noStores(call.prefix);
  return [...stores];
}

/** A fleet with the stores whose secrets wait for their deletion. */
export interface WholeFleet {
  readonly stores: readonly StoreSeen[];
  /** Taken out of config, or deleted behind its back: a list does not tell which. */
  readonly deleted: readonly StoreSeen[];
}

/** The same with what was deleted; a store that was declared anew counts as it is now. */
export async function readWholeFleet(
  call: Looking,
  words: readonly string[] = [],
): Promise<WholeFleet> {
  const named = await findNamed(call, words);
  const listed = named.length > 0 ? await listStores(call) : await listPatiently(call);
  const namedArns = new Set(named.map(({ secretArn }) => secretArn));
  const others = listed.filter(({ secretArn }) => !namedArns.has(secretArn));
  const isAllNamed = words.length > 0 && named.length === words.length;
  const seen = isAllNamed ? others : await asTheyAre(call, others);
  const all = [...named, ...seen].sort((one, other) => (one.store < other.store ? -1 : 1));
  const stores = all.filter(({ facts }) => facts.deletedAt === undefined);
  const keys = new Set(stores.map(({ store }) => store));
  const deleted = all.filter(
    ({ store, facts }) => facts.deletedAt !== undefined && !keys.has(store),
  );
  if (all.length === 0) throw noStores(call.prefix);
  return { stores, deleted };
}

/** The named ones of both; no words: all. */
export function pickWhole({ stores, deleted }: WholeFleet, words: readonly string[]): WholeFleet {
  if (words.length === 0) return { stores, deleted };
  const named = new Set(namedStores([...stores, ...deleted], words));
  return {
    stores: stores.filter((seen) => named.has(seen)),
    deleted: deleted.filter((seen) => named.has(seen)),
  };
}

/** The named stores out of a fleet, in the order of their names; no words: all. */
export function pickStores(fleet: readonly StoreSeen[], words: readonly string[]): StoreSeen[] {
  return words.length === 0 ? [...fleet] : namedStores(fleet, words);
}

/** Reads the one store that a command is about, as it is now. */
export async function readStore(call: Looking, words: readonly string[]): Promise<StoreSeen> {
  const [only] = await findNamed(call, words);
  const isThere = only !== undefined && only.facts.deletedAt === undefined;
  if (isThere && words.length === 1) return only;
  const [store] = namedStores(await readFleet(call), words);
  if (store === undefined) throw usageError("name one store");
  return store;
}

/** The declaration of a store that a command cannot do without. */
export function requireDeclaration(seen: StoreSeen): Declaration {
  const { store, declaration } = seen;
  if (declaration !== undefined) return declaration;
  throw new Refusal(
    undeclaredSays(store),
    adviceFor(seen, { state: "ok", code: "declaration_malformed" }).next,
  );
}

/** What is said of a store whose secret does not say what it is. */
export function undeclaredSays(store: StoreKey): string {
  return `the description of the secret of ${store} is not a declaration`;
}

/** A secret as a store; undefined: it is none of this prefix. */
export function storeIn(secret: ListedSecret, prefix: string): StoreSeen | undefined {
  if (!isOfPrefix(prefix, secret.facts.name)) return undefined;
  const view = storeViewOf(secret, prefix);
  return view.key === undefined ? undefined : { ...view, store: view.key };
}

/** The stores that words name by the keys in their secrets' names: a new one may not be listed yet. */
async function findNamed({ aws, prefix }: Looking, words: readonly string[]): Promise<StoreSeen[]> {
  const found = await atOnce(words, async (word) => {
    if (!isStoreKey(word)) return undefined;
    const secret = await aws.secrets.find(storeSecretName(prefix, word));
    const store = secret && storeIn(secret, prefix);
    return store?.store === word ? store : undefined;
  });
  return found.flatMap((store) => store ?? []);
}

async function listStores({ aws, prefix }: Looking): Promise<StoreSeen[]> {
  const listed = await aws.secrets.list({ by: "name", head: `${prefix}/`, includeDeleted: true });
  return listed.flatMap((secret) => storeIn(secret, prefix) ?? []);
}

const LISTED_WITHIN_MS = 6 * MINUTE_MS;
const LOOK_AGAIN_MS = 10 * SECOND_MS;

/** The stores of a stack that was deployed minutes ago may not be listed yet: those are waited for. */
async function listPatiently(call: Looking): Promise<StoreSeen[]> {
  const { host, now, prefix } = call;
  const at = now();
  const first = await listStores(call);
  if (first.length > 0 || !(await isDeployedJustNow(call))) return first;
  return await whileTelling(
    host,
    () => `waiting until AWS lists the new stores of ${prefix}`,
    async () => {
      let found = first;
      while (found.length === 0 && now() - at < LISTED_WITHIN_MS) {
        await host.sleep(LOOK_AGAIN_MS);
        found = await listStores(call);
      }
      return found;
    },
  );
}

async function isDeployedJustNow({ aws, prefix, now }: Looking): Promise<boolean> {
  try {
    const sweep = await aws.functions.describe(functionName(prefix, "sweep"));
    return sweep?.modifiedAt !== undefined && now() - sweep.modifiedAt < LISTED_WITHIN_MS;
  } catch (error) {
    if (error instanceof Refusal) return false; // whoever may not look at functions is told at once
    throw error;
  }
}

/** Listed stores as they are now; without those that are gone. */
async function asTheyAre(call: Looking, listed: readonly StoreSeen[]): Promise<StoreSeen[]> {
  const seen = await whileTelling(
    call.host,
    () => `looking at ${listed.length} stores`,
    () => atOnce(listed, (store) => asItIs(call, store)),
  );
  return seen.flatMap((store) => store ?? []);
}

async function asItIs({ aws, prefix }: Looking, listed: StoreSeen): Promise<StoreSeen | undefined> {
  try {
    const secret = await aws.secrets.find(listed.secretArn);
    return secret && storeIn(secret, prefix);
  } catch (error) {
    // Whoever may only list is shown what the list tells.
    if (error instanceof Refusal) return listed;
    throw error;
  }
}

function noStores(prefix: string): Refusal {
  return new Refusal(
    `there are no stores under ${prefix} in this account and region; ${LISTS_LAG}`,
    "check --prefix, --region and AWS_PROFILE: without --prefix, shopify-secrets status finds the stack or names all there are",
  );
}
