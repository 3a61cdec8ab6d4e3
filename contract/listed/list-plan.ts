import type { SecretArn, StoreKey } from "../brands";
import { installationOf } from "../declaration";
import type { ErrorCode } from "../errors";
import { isApprovedByMerchant, isStatic, kindFactsOf } from "../kinds";
import { LISTED, LISTED_SHOP_TAG, originOf, SECRET_TAGS, storeKeyOfSecret } from "../names";
import { rotationScheduleOf } from "../schedule";
import { holderOf, type ListedSecret, type SecretFacts } from "../store/secret-facts";
import { parseStatus } from "../store/status";
import { storeTagsOf } from "../store/tags";
import { declarationIn } from "../store/view";
import {
  type ListedStore,
  type ListHead,
  listedDeclarationOf,
  listedSecretName,
  type StoreList,
} from "./listed-store";

/** What is done with a store: a closed list. */
export const DEEDS = ["create", "restore", "change", "finish", "retire"] as const;
export type Deed = (typeof DEEDS)[number];

/** What of a secret is not as the list wants it. */
export type Change = "declaration" | "tags" | "schedule";

/** One store's work. */
export interface Task {
  readonly store: StoreKey;
  readonly deed: Deed;
  readonly secretName: string;
  /** Undefined: the store leaves. */
  readonly wanted: ListedStore | undefined;
  readonly changes: readonly Change[];
}

/**
 * A store that is left alone: its secret is in other hands, or its app and shop have one under another key, or it holds
 * a pair that nobody would renew any more if the list had its way.
 */
export interface LeftAlone {
  readonly store: StoreKey;
  readonly secretArn: SecretArn;
  readonly why: Extract<
    ErrorCode,
    "store_not_of_list" | "store_awaits_deletion" | "store_has_twin" | "pair_abandoned"
  >;
  /** The key of the secret that its app and shop have. Default: the store's own secret is meant. */
  readonly twin?: StoreKey | undefined;
  /** Whether config declares its secret: preview lets a key stand in both only while its store moves. Default: no. */
  readonly ofConfig?: true;
}

/** A list against what is there. */
export interface ListPlan {
  readonly tasks: readonly Task[];
  /** Stores that are as the list wants them. */
  readonly same: number;
  /** Stores of the list that are not touched. */
  readonly left: readonly LeftAlone[];
  /** Stores of the list that are there now. */
  readonly there: number;
  /** Why the run as a whole is refused; undefined: it may begin. */
  readonly refusal: RetirementRefusal | undefined;
}

/** A list that would retire more than it may. */
export interface RetirementRefusal {
  readonly retired: number;
  readonly there: number;
  /** In percent. */
  readonly atMost: number;
}

/** One store may always be retired: in a small fleet it is more than any share. */
const ALWAYS = 1;

/**
 * Compares a list with the secrets under its prefix, those that wait for their deletion among them.
 *
 * @param retireAtMost what is said of this very run, in percent. Default: what the list says
 */
export function planList(
  { head, stores }: StoreList,
  existing: readonly ListedSecret[],
  retireAtMost: number = head.retireAtMost,
): ListPlan {
  const byName = new Map(existing.map((secret) => [secret.facts.name, secret]));
  const twins = twinsIn(existing);
  const tasks: Task[] = [];
  const left: LeftAlone[] = [];
  let same = 0;
  const listed = new Set<string>();
  for (const wanted of stores) {
    const secretName = listedSecretName(head, wanted.store);
    listed.add(secretName);
    const there = byName.get(secretName);
    const alone = aloneFor(wanted, there, { head, twins });
    if (alone !== undefined) {
      left.push(alone);
      continue;
    }
    const task = taskFor(wanted, { head, secretName, facts: there?.facts });
    if (task === undefined) same += 1;
    else tasks.push(task);
  }
  const living = existing.filter(({ facts }) => isOfList(facts) && facts.deletedAt === undefined);
  const retired = living.filter(({ facts }) => !listed.has(facts.name));
  tasks.push(...retired.flatMap((secret) => retirement(head, secret)));
  const refusal = refusalOf(retired.length, living.length, retireAtMost);
  return { tasks, same, left, there: living.length, refusal };
}

/** Whether the list made the secret, or took it over. */
export function isOfList(facts: Pick<SecretFacts, "tags">): boolean {
  return originOf(facts) === LISTED;
}

/** Whether the secret is one of the stack's own, of a store that config declares. */
function isOfConfig(facts: Pick<SecretFacts, "tags">): boolean {
  return facts.tags.has(SECRET_TAGS.store) && originOf(facts) === undefined;
}

/** Why a secret is in other hands than the list's; undefined: it is the list's. */
export function whyNotOfList(
  facts: Pick<SecretFacts, "tags" | "deletedAt">,
): Extract<LeftAlone["why"], "store_not_of_list" | "store_awaits_deletion"> | undefined {
  if (isOfList(facts)) return undefined;
  return facts.deletedAt === undefined ? "store_not_of_list" : "store_awaits_deletion";
}

type Twins = ReadonlyMap<string, ListedSecret>;

/** The living secrets in other hands by app and shop, of which each pair has one: an approval for a second ends the first's tokens. */
function twinsIn(existing: readonly ListedSecret[]): Twins {
  const others = existing.filter(({ facts }) => !isOfList(facts) && facts.deletedAt === undefined);
  return new Map(
    others.flatMap((secret) => {
      const declared = declarationIn(secret.facts);
      return declared?.app === undefined ? [] : [[installationOf(declared), secret] as const];
    }),
  );
}

/** The store as one that is not touched; undefined: it may be. */
function aloneFor(
  wanted: ListedStore,
  there: ListedSecret | undefined,
  { head, twins }: { readonly head: ListHead; readonly twins: Twins },
): LeftAlone | undefined {
  const { store } = wanted;
  const why = there && whyLeft(wanted, there.facts);
  if (there !== undefined && why !== undefined) {
    const { secretArn, facts } = there;
    const ofConfig = why === "store_not_of_list" && isOfConfig(facts);
    return { store, secretArn, why, ...(ofConfig && { ofConfig }) };
  }
  if (there !== undefined && there.facts.deletedAt === undefined) return undefined;
  const twin = twins.get(installationOf(listedDeclarationOf(wanted)));
  if (twin === undefined) return undefined;
  const { secretArn, facts } = twin;
  const key = storeKeyOfSecret(head.prefix, facts);
  return { store, secretArn, why: "store_has_twin", twin: key };
}

/** Why a store is not touched; undefined: it may be. */
function whyLeft(wanted: ListedStore, facts: SecretFacts): LeftAlone["why"] | undefined {
  const inOtherHands = whyNotOfList(facts);
  if (inOtherHands !== undefined) return inOtherHands;
  const holdsPair = parseStatus(facts.tags).refreshExpiresAt !== undefined;
  return holdsPair && isStatic(listedDeclarationOf(wanted)) ? "pair_abandoned" : undefined;
}

interface Seen {
  readonly head: ListHead;
  readonly secretName: string;
  readonly facts: SecretFacts | undefined;
}

function taskFor(wanted: ListedStore, { head, secretName, facts }: Seen): Task | undefined {
  const task = (deed: Deed, changes: readonly Change[] = []): Task => ({
    store: wanted.store,
    deed,
    secretName,
    wanted,
    changes,
  });
  if (facts === undefined) return task("create");
  if (facts.deletedAt !== undefined) return task("restore");
  const changes = changesIn(wanted, head, facts);
  if (changes.length > 0) return task("change", changes);
  return isUnfinished(wanted, facts) ? task("finish") : undefined;
}

/** What of a secret differs from what the list wants of it. */
export function changesIn(wanted: ListedStore, head: ListHead, facts: SecretFacts): Change[] {
  const tags = tagChanges(tagsOf(wanted, head), facts.tags);
  const hasOtherTags = tags.dropped.length > 0 || Object.keys(tags.set).length > 0;
  const found: [Change, boolean][] = [
    ["declaration", facts.description !== wanted.declaration],
    ["tags", hasOtherTags],
    ["schedule", isOtherSchedule(wanted, facts)],
  ];
  return found.flatMap(([change, isThere]) => (isThere ? [change] : []));
}

/**
 * A store without a value is waited for, or it failed, or nobody came to it: then it is tried again. So is one whose value
 * is another shop's: its line was changed, and its enrolment came to no end.
 */
function isUnfinished(wanted: ListedStore, facts: SecretFacts): boolean {
  const { state, lastErrorCode } = parseStatus(facts.tags);
  if (holderOf(facts, "AWSCURRENT") !== undefined) return lastErrorCode === "declaration_mismatch";
  if (state !== "awaiting_token" && state !== "awaiting_merchant") return true;
  // Of itself a secret waits as it is made; what an app can get without anybody waits for a reason.
  return kindFactsOf(listedDeclarationOf(wanted)).obtainable && lastErrorCode === "";
}

/** What a listed store waits for until it has a value. */
export function awaitedAtFirst(wanted: ListedStore): "awaiting_token" | "awaiting_merchant" {
  return isApprovedByMerchant(listedDeclarationOf(wanted)) ? "awaiting_merchant" : "awaiting_token";
}

/** A schedule comes with the first value: before that nothing is rotated. */
export function isOtherSchedule(
  { store, rotationHours }: ListedStore,
  facts: SecretFacts,
): boolean {
  if (rotationHours === undefined) return facts.rotationEnabled;
  if (holderOf(facts, "AWSCURRENT") === undefined) return false;
  const { expression } = rotationScheduleOf(store, rotationHours);
  return !facts.rotationEnabled || facts.rotationRule !== expression;
}

/** The tags of a store's secret that are not the functions'. */
export function tagsOf(
  wanted: ListedStore,
  { tags }: { readonly tags: Readonly<Record<string, string>> },
): Record<string, string> {
  const { store: key, clientId } = wanted;
  return storeTagsOf({
    key,
    declaration: listedDeclarationOf(wanted),
    clientId,
    origin: LISTED,
    tags,
  });
}

/**
 * What is to be done so that a secret has these tags. Of those that it has beside them only our own are dropped: a tag of
 * somebody else's (a governance tool, the provider's default tags) would come back, and be dropped by every run.
 */
export function tagChanges(
  wanted: Readonly<Record<string, string>>,
  found: ReadonlyMap<string, string>,
): { readonly set: Record<string, string>; readonly dropped: string[] } {
  const set = Object.entries(wanted).filter(([key, value]) => found.get(key) !== value);
  return {
    set: Object.fromEntries(set),
    dropped: OWN_TAGS.filter((key) => found.has(key) && !Object.hasOwn(wanted, key)),
  };
}

/** The functions' own status tags are not among them. */
const OWN_TAGS: readonly string[] = [...Object.values(SECRET_TAGS), LISTED_SHOP_TAG];

function retirement({ prefix }: ListHead, { facts }: ListedSecret): Task[] {
  const store = storeKeyOfSecret(prefix, facts);
  if (store === undefined) return [];
  return [{ store, deed: "retire", secretName: facts.name, wanted: undefined, changes: [] }];
}

function refusalOf(retired: number, there: number, atMost: number): RetirementRefusal | undefined {
  if (retired <= ALWAYS || retired * 100 <= atMost * there) return undefined;
  return { retired, there, atMost };
}

/** So many failures stop no run: in a small one each is more than any share. */
const ALWAYS_TOLERATED = 5;

/**
 * The share of a run's stores that may fail before it stops, in percent.
 *
 * @param percent as config says it; 0: the first failure stops the run, however many stores it has
 */
export function toleratedShare(tasks: number, percent: number): number {
  if (percent === 0 || tasks === 0) return percent;
  return Math.max(percent, Math.min(100, Math.ceil((ALWAYS_TOLERATED * 100) / tasks)));
}

/** How many stores each deed is for. */
export function countsOf({ tasks }: Pick<ListPlan, "tasks">): Record<Deed, number> {
  const counts = Object.fromEntries(DEEDS.map((deed) => [deed, 0])) as Record<Deed, number>;
  for (const { deed } of tasks) counts[deed] += 1;
  return counts;
}

/** Dollars a month of a secret (AWS's price page, November 2026); what waits for its deletion costs nothing. */
export const DOLLARS_A_SECRET = 0.4;

/** What the secrets of the list cost a month before and after, in dollars, without calls. */
export function costOfPlan(plan: Pick<ListPlan, "tasks" | "there">): {
  readonly now: number;
  readonly after: number;
} {
  const { create, restore, retire } = countsOf(plan);
  const after = plan.there + create + restore - retire;
  return { now: plan.there * DOLLARS_A_SECRET, after: after * DOLLARS_A_SECRET };
}
