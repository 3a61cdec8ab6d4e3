import type { SecretArn, StoreKey, VersionId } from "../brands";
import { type Declaration, parseDeclaration } from "../declaration";
import { CodedError } from "../errors";
import { storeKeyOfSecret } from "../names";
import { type EpochMs, parseIso } from "../time";
import { holderOf, INSTALLING, type ListedSecret, type SecretFacts } from "./secret-facts";
import { parseStatus, type StoreStatus, SWEPT_AT_TAG, versionTagOf } from "./status";

/** The end of an access token's life; `never`: it has none. */
export type Expiry = EpochMs | "never";

/** A store as its secret shows it, without its value: the one picture that every part of the product looks at. */
export interface StoreView {
  readonly secretArn: SecretArn;
  /** What AWS tells of the secret. */
  readonly facts: SecretFacts;
  /** The key in the secret's tag, else in its name; undefined: neither holds one. */
  readonly key: StoreKey | undefined;
  /** Undefined: the description is no declaration. */
  readonly declaration: Declaration | undefined;
  readonly status: StoreStatus;
  /** AWSCURRENT; undefined: the store has no value. */
  readonly current: VersionId | undefined;
  /** AWSPENDING, while it is another version than AWSCURRENT. */
  readonly pending: VersionId | undefined;
  /** What an install stored and has not made AWSCURRENT. */
  readonly installing: VersionId | undefined;
}

/** A secret as the store that it holds. */
export function storeViewOf({ secretArn, facts }: ListedSecret, prefix: string): StoreView {
  const current = holderOf(facts, "AWSCURRENT");
  const pending = holderOf(facts, "AWSPENDING");
  return {
    secretArn,
    facts,
    key: storeKeyOfSecret(prefix, facts),
    declaration: declarationIn(facts),
    status: parseStatus(facts.tags),
    current,
    pending: pending === current ? undefined : pending,
    installing: [...facts.versions].find(
      ([versionId, stages]) => versionId !== current && stages.includes(INSTALLING),
    )?.[0],
  };
}

/** The stores among the secrets of a prefix. */
export function storesIn(listed: readonly ListedSecret[], prefix: string): StoreView[] {
  const [own, apps] = [`${prefix}/`, `${prefix}/apps/`];
  return listed
    .filter(({ facts: { name } }) => name.startsWith(own) && !name.startsWith(apps))
    .map((secret) => storeViewOf(secret, prefix));
}

/** The same store after tags were written. */
export function withTags(view: StoreView, tags: Readonly<Record<string, string>>): StoreView {
  const { tags: before } = view.facts;
  const entries = Object.entries(tags);
  // Most stores of a pass say what they said: to read their status anew would take most of its time.
  if (entries.every(([name, value]) => before.get(name) === value)) return view;
  const written = new Map([...before, ...entries]);
  return {
    ...view,
    facts: { ...view.facts, tags: written },
    status: parseStatus(written),
  };
}

/** A secret's declaration; undefined when its description is none. */
export function declarationIn({
  description,
}: Pick<SecretFacts, "description">): Declaration | undefined {
  try {
    return parseDeclaration(description);
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

/** What people call a store: its key, or its secret's name when that is the operator's own choice. */
export function labelOf({ key, facts }: Pick<StoreView, "key" | "facts">): string {
  return key ?? facts.name;
}

/**
 * Whether the status tags speak of AWSCURRENT: a writer that was killed before its tags, or a version that was
 * put by hand, leaves them behind. Tags that name no version yet are believed.
 */
export function isStatusOfCurrent({ current, status }: Pick<StoreView, "current" | "status">) {
  return current !== undefined && ["", versionTagOf(current)].includes(status.version);
}

/** The end of the current access token's life as the tags tell it; undefined when only the value can. */
export function expiryOf(view: Pick<StoreView, "current" | "status">): Expiry | undefined {
  const { expiresAt } = view.status;
  return isStatusOfCurrent(view) && expiresAt !== "unknown" ? expiresAt : undefined;
}

/** When the sweep came to the end of a pass; it says so on one store of the fleet. */
export function sweptAtOf({ facts }: Pick<StoreView, "facts">): EpochMs | undefined {
  return parseIso(facts.tags.get(SWEPT_AT_TAG) ?? "");
}

/**
 * The end of the current access token's life as the tags tell it; undefined when only the value can.
 *
 * The tags count while they name the version that is AWSCURRENT: a writer that was killed before
 * its tags must not leave a healthy pair unrenewed.
 */
export function knownExpiryOf({ current, status }: StoreView): Expiry | undefined {
  if (current === undefined || status.version !== versionTagOf(current)) return undefined;
  return status.expiresAt === "unknown" ? undefined : status.expiresAt;
}
