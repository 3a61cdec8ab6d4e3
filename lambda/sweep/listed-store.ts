import type { StoreKey, VersionId } from "../../contract/brands";
import { type Declaration, parseDeclaration } from "../../contract/declaration";
import { CodedError } from "../../contract/errors";
import { storeKeyOf } from "../../contract/names";
import { parseStatus, type StoreStatus, versionTagOf } from "../../contract/status";
import type { EpochMs } from "../../contract/time";
import type { Store } from "../engine/store";
import { INSTALLING } from "../install/keep";
import { holderOf } from "../secrets/port";
import type { ListedSecret } from "./fleet-port";

/** The end of an access token's life; `never`: it has none. */
export type Expiry = EpochMs | "never";

/** A store as the fleet's list shows it, without any value. */
export interface ListedStore extends ListedSecret {
  readonly key: StoreKey | undefined;
  /** Undefined: the description is no declaration. */
  readonly declaration: Declaration | undefined;
  readonly status: StoreStatus;
  /** AWSCURRENT. */
  readonly current: VersionId | undefined;
  /** AWSPENDING, while it is another version than AWSCURRENT. */
  readonly pending: VersionId | undefined;
  /** What an install stored and has not made AWSCURRENT. */
  readonly installing: VersionId | undefined;
}

/** The stores among the secrets of a prefix. */
export function storesIn(listed: readonly ListedSecret[], prefix: string): ListedStore[] {
  const apps = `${prefix}/apps/`;
  return listed
    .filter(({ facts }) => !facts.name.startsWith(apps))
    .map((secret) => listedStoreOf(secret, prefix));
}

function listedStoreOf(secret: ListedSecret, prefix: string): ListedStore {
  const { facts } = secret;
  const current = holderOf(facts, "AWSCURRENT");
  const pending = holderOf(facts, "AWSPENDING");
  return {
    ...secret,
    key: storeKeyOf(prefix, facts.name),
    declaration: declarationIn(secret),
    status: parseStatus(facts.tags),
    current,
    pending: pending === current ? undefined : pending,
    installing: installingIn(secret, current),
  };
}

function installingIn(
  { facts }: ListedSecret,
  current: VersionId | undefined,
): VersionId | undefined {
  for (const [versionId, stages] of facts.versions) {
    if (stages.includes(INSTALLING) && versionId !== current) return versionId;
  }
  return undefined;
}

/** A secret's declaration; undefined when its description is none. */
export function declarationIn({ facts }: ListedSecret): Declaration | undefined {
  try {
    return parseDeclaration(facts.description);
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

/** What people call a store: its key, or its secret's name when that is the operator's own choice. */
export function labelOf({ key, facts }: ListedStore): string {
  return key ?? facts.name;
}

/**
 * The end of the current access token's life as the tags tell it; undefined when only the value can.
 *
 * The tags count while they speak of the version that is AWSCURRENT: a writer that was killed before
 * its tags must not leave a healthy pair unrenewed.
 */
export function knownExpiryOf({ current, status }: ListedStore): Expiry | undefined {
  if (current === undefined || status.version !== versionTagOf(current)) return undefined;
  return status.expiresAt === "unknown" ? undefined : status.expiresAt;
}

/** The store as the engine takes it. */
export function storeFor(listed: ListedStore): Store {
  const { secretArn, key, facts, declaration } = listed;
  if (declaration === undefined) throw new CodedError("declaration_malformed", { secretArn });
  return { secretArn, key, declaration, facts };
}
