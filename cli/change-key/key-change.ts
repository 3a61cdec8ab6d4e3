import type { AppKey, StoreKey } from "../../contract/brands";
import { adviceOf, type ErrorCode } from "../../contract/errors";
import { isSigned } from "../../contract/kinds";
import { appSecretName, SIGNING_KEYS_TAG } from "../../contract/names";
import { plural } from "../../contract/plural";
import { conditionOf } from "../../contract/store/condition";
import { holderOf } from "../../contract/store/secret-facts";
import type { Call } from "../command";
import { askCheck, askProof } from "../fleet/ask-functions";
import { renewStores, type StoreRenewal } from "../fleet/renew";
import { keyArnsIn, roleOf, type SigningKeySeen } from "../fleet/signing-keys";
import { issuedAtOf, type StoreSeen } from "../fleet/store-view";
import { whileTelling } from "../print/progress";
import { commandsFor } from "./commands";

/** The steps of the change of a key, in their order. */
export const STEPS = ["new key", "paste", "prove", "switch", "renew", "revoke"] as const;

export type ChangeStep = (typeof STEPS)[number];

/** Where the change of an app's key stands. */
export interface KeyChange {
  readonly app: AppKey;
  /** The key that is presented first. */
  readonly signs: SigningKeySeen;
  /** The other one: the next, or the one before. */
  readonly other: SigningKeySeen;
  readonly isSwitched: boolean;
  /** What a person does next; all before it is done. */
  readonly step: ChangeStep;
  /** What the last step that was done came to, as a sentence. */
  readonly says: string;
  readonly next: string;
  /** Why it goes no further; empty: nothing is wrong. */
  readonly code: ErrorCode | "";
  /** Stores whose token the key that signs first got, and those of which it did not. */
  readonly onNewest: readonly StoreKey[];
  readonly left: readonly StoreKey[];
  /** What became of renewing those that were left. */
  readonly renewals: readonly StoreRenewal[];
  /** Whether nothing dies with the key before. */
  readonly isSafeToRevoke: boolean;
}

/** An app that changes its key. */
export interface Changing extends Pick<KeyChange, "app" | "signs" | "other"> {
  /** The app's stores that live by its keys and have a token. */
  readonly stores: readonly StoreSeen[];
}

/**
 * Does what the change of a key comes to now, and says what a person does next: before the switch it proves the next key at
 * Shopify, after it every store gets a token of the new one.
 *
 * It keeps nothing of its own: of two keys the one that was made later is the new one, and the order in config says
 * whether it signs already.
 */
export async function goOn(call: Call, changing: Changing, waitMs: number): Promise<KeyChange> {
  const { signs, other } = changing;
  const isSwitched = roleOf(other, [signs, other]) === "before";
  return isSwitched ? await leaveBefore(call, changing, waitMs) : await proveNext(call, changing);
}

/** The stores of an app that live by its keys and have a token. */
export function storesSignedFor(app: AppKey, fleet: readonly StoreSeen[]): StoreSeen[] {
  return fleet.filter(
    ({ declaration, current }) =>
      declaration?.app === app && isSigned(declaration) && current !== undefined,
  );
}

async function proveNext(call: Call, changing: Changing): Promise<KeyChange> {
  const { app, other } = changing;
  const so = {
    ...changing,
    isSwitched: false,
    onNewest: [],
    left: [],
    renewals: [],
    isSafeToRevoke: false,
  };
  const { paste, again, switchKeys } = commandsFor(call, changing);
  const proof = await proofOf(call, changing);
  if (proof === undefined) {
    const says = `no store of app ${app} has a token that works: there is nothing to prove the key with, and nothing to lose`;
    return { ...so, step: "paste", code: "", says, next: `${paste}, then ${switchKeys}` };
  }
  const { store, isProven, code } = proof;
  if (isProven) {
    const says = `Shopify takes the key ${other.name}: ${store} was renewed with it`;
    return { ...so, step: "switch", code, says, next: `${switchKeys}, then ${again}` };
  }
  if (code === "signing_key_unknown") {
    const says = `Shopify does not know the key ${other.name} (kid ${other.kid}) yet, and no token was changed`;
    return { ...so, step: "paste", code, says, next: `${paste}, then ${again}` };
  }
  if (code === "version_budget_spent") {
    const says = `${store} was renewed for a proof less than 20 minutes ago, and gets another token no sooner`;
    return { ...so, step: "prove", code, says, next: `in 20 minutes: ${again}` };
  }
  const { says, next } = adviceOf(code || "unexpected", { app, store });
  return {
    ...so,
    step: "prove",
    code,
    says: `${other.name}: ${says}`,
    next: `${next}; then ${again}`,
  };
}

/** How many stores a proof is tried with, where the first has just been renewed for another one. */
const MOST_TRIED = 3;

/** Proves the other key with the store whose token is oldest: it is the next to be renewed anyway. */
async function proofOf(call: Call, { other, stores }: Changing) {
  const { aws, prefix, host, now } = call;
  const age = (seen: StoreSeen) => Number(issuedAtOf(seen) ?? 0);
  const well = stores
    .filter((seen) => conditionOf(seen, now()).state === "ok")
    .sort((one, another) => age(one) - age(another));
  let last: { store: StoreKey; isProven: boolean; code: ErrorCode | "" } | undefined;
  for (const { store } of well.slice(0, MOST_TRIED)) {
    const proof = await whileTelling(
      host,
      () => `proving the key ${other.name} at Shopify with ${store}`,
      () => askProof({ functions: aws.functions, prefix }, store, other.keyArn),
    );
    last = { store, ...proof };
    if (proof.code !== "version_budget_spent") break;
  }
  return last;
}

async function leaveBefore(call: Call, changing: Changing, waitMs: number): Promise<KeyChange> {
  const { app, signs, other, stores } = changing;
  const before = await notOnNewest(call, app, stores);
  const renewals = await renew(call, before, waitMs);
  const left = before.length === 0 ? [] : await notOnNewest(call, app, before);
  const names = (some: readonly StoreSeen[]) => some.map(({ store }) => store);
  const onNewest = stores.filter((seen) => !left.some(({ store }) => store === seen.store));
  const so = {
    ...changing,
    isSwitched: true,
    onNewest: names(onNewest),
    left: names(left),
    renewals,
    isSafeToRevoke: false,
  };
  const { paste, again, revoke } = commandsFor(call, changing);
  if (left.length > 0) {
    const isUnknown = renewals.some(({ code }) => code === "signing_key_unknown");
    const says = isUnknown
      ? `Shopify does not know the key ${signs.name} (kid ${signs.kid}), and ${other.name} goes on in its place`
      : `${plural(left.length, "store")} of ${stores.length} ${left.length === 1 ? "has" : "have"} no token of the key ${signs.name} yet: ${names(left).join(", ")}`;
    const next = `${isUnknown ? paste : "mend what is shown"}, then ${again}`;
    return { ...so, step: "renew", code: isUnknown ? "signing_key_unknown" : "", says, next };
  }
  const elsewhere = await appsElsewhere(call, changing);
  const [first] = elsewhere;
  if (first !== undefined && !call.flag("other-stacks-done")) {
    const says = `the key ${other.name} signs for others too: ${elsewhere.join(", ")}`;
    const next = `change it there, then ${again} --other-stacks-done`;
    return { ...so, step: "revoke", code: "", says, next };
  }
  const says = `every store of app ${app} has a token of the key ${signs.name}: ${other.name} (kid ${other.kid}) may be revoked, once no application holds an older token in its memory (the reader: five minutes)`;
  return { ...so, step: "revoke", code: "", says, next: revoke, isSafeToRevoke: true };
}

/** The stores whose token another key than the one that signs first got: their record does not name the app secret's version. */
async function notOnNewest(
  { aws, prefix, host }: Call,
  app: AppKey,
  stores: readonly StoreSeen[],
): Promise<StoreSeen[]> {
  if (stores.length === 0) return [];
  const found = await whileTelling(
    host,
    () => "looking which key obtained each token",
    () =>
      askCheck(
        { functions: aws.functions, prefix },
        stores.map(({ store }) => store),
      ),
  );
  const newest = holderOf(await aws.secrets.describe(appSecretName(prefix, app)), "AWSCURRENT");
  const onNewest = new Set(
    found.filter(({ appSecretVersion }) => appSecretVersion === newest).map(({ store }) => store),
  );
  return stores.filter(({ store }) => !onNewest.has(store));
}

async function renew(
  call: Call,
  stores: readonly StoreSeen[],
  waitMs: number,
): Promise<StoreRenewal[]> {
  let ended = 0;
  const onEnd = () => {
    ended += 1;
  };
  return await whileTelling(
    call.host,
    () => `renewing: ${ended} of ${stores.length} done`,
    () => renewStores(call, stores, { waitMs, onEnd }),
  );
}

/** The other apps of this account and region whose secrets name the key that is to be revoked: an ARN may serve several stacks. */
async function appsElsewhere(
  { aws, prefix }: Call,
  { app, other }: Changing,
): Promise<readonly string[]> {
  const own = appSecretName(prefix, app);
  const listed = await aws.secrets.list({ by: "tag-key", head: SIGNING_KEYS_TAG });
  return listed
    .filter((secret) => secret.facts.name !== own && keyArnsIn(secret).includes(other.keyArn))
    .map(({ facts }) => facts.name)
    .sort();
}
