import type { VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import type { StoreRecord } from "../../contract/record";
import type { EngineDeps } from "./deps";
import type { Plan } from "./plans";
import { readVersionPatiently, type Store } from "./store";
import type { Successor } from "./successor";
import { MOST_ATTEMPTS, type VersionSeed, versionIdOf } from "./version-id";
import { storeVersion } from "./versions";

/** A record that is to be stored. */
export interface Made {
  readonly record: StoreRecord;
  /** Which derived ID is tried first. Default: the first. */
  readonly firstAttempt?: number;
  /** Whether another value does for this one too; asked where the plan joins what is as good. */
  readonly isAsGood?: (other: Successor) => Promise<boolean>;
}

/** What was stored, or what somebody else had stored. */
export interface Stored extends Successor {
  readonly isOwn: boolean;
}

/**
 * Stores a record as the successor of its parent, under the first derived ID that is free, or joins whoever was faster.
 *
 * The IDs are the same for everybody who tries the same, so Secrets Manager itself refuses a second, different value.
 *
 * @throws {CodedError} `version_budget_spent` when no ID is free; `pending_missing` when the value under one is gone
 */
export async function storeSuccessor(
  { store, plan }: { readonly store: Store; readonly plan: DerivedPlan },
  made: Made,
  deps: EngineDeps,
): Promise<Stored> {
  const { record, firstAttempt = 0 } = made;
  const { secretArn } = store;
  const from = record.parentVersion ?? secretArn;
  for (let attempt = firstAttempt; attempt < MOST_ATTEMPTS; attempt += 1) {
    const versionId = versionIdOf({ purpose: plan.purpose, from, attempt });
    const version = { versionId, record, stages: [plan.label] };
    if ((await storeVersion(secretArn, version, deps)) === "stored") {
      return { versionId, record, isOwn: true };
    }
    const other = await JOINS[plan.whenTaken](versionId, { store, made }, deps);
    if (other !== undefined) return { ...other, isOwn: false };
  }
  throw new CodedError("version_budget_spent", { shop: record.shop });
}

/** A plan whose version IDs are derived. */
export type DerivedPlan = Plan & { readonly purpose: VersionSeed["purpose"] };

/** What becomes of an ID that is taken; undefined: the next one is tried. */
type Join = (
  taken: VersionId,
  at: { readonly store: Store; readonly made: Made },
  deps: EngineDeps,
) => Promise<Successor | undefined>;

const JOINS: Readonly<Record<Plan["whenTaken"], Join>> = {
  next_id: async () => undefined,
  join_labelled: async (taken, { store: { secretArn } }, deps) => {
    const stages = (await deps.secrets.describe(secretArn)).versions.get(taken) ?? [];
    const isAlive = stages.includes("AWSPENDING") || stages.includes("AWSCURRENT");
    return isAlive ? await readVersionPatiently(secretArn, taken, deps) : undefined;
  },
  join_as_good: async (taken, { store, made }, deps) => {
    const other = await readVersionPatiently(store.secretArn, taken, deps);
    return other !== undefined && (await made.isAsGood?.(other)) === true ? other : undefined;
  },
  take_it: async (taken, { store }, deps) => {
    const earlier = await readVersionPatiently(store.secretArn, taken, deps);
    if (earlier === undefined) throw new CodedError("pending_missing");
    return earlier;
  },
};
