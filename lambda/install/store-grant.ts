import type { VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import type { EngineDeps } from "../engine/deps";
import { isBudgetSpent, keepInTags } from "../engine/kept";
import { type Obtained, recordOf } from "../engine/obtain";
import { PLANS } from "../engine/plans";
import type { Store } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import type { Parent } from "../engine/successor";
import { retryInstall } from "./retry-install";

/** Seals a word that nobody needs: a pair that cannot be sealed is lost, so the key is tried before the code. */
export async function probeKey(store: Store, deps: EngineDeps): Promise<void> {
  const { secretArn, declaration } = store;
  if (!kindFactsOf(declaration).hasRefreshToken) return;
  await deps.cipher.encrypt(Sealed.of("rehearsal"), { secretArn, shop: declaration.shop });
}

/** What a merchant granted, in safety. */
export interface StoredGrant {
  readonly record: StoreRecord;
  /** Undefined: the day's versions are used up, and the store's tags hold the record, sealed. */
  readonly versionId: VersionId | undefined;
}

/**
 * Stores what a merchant granted as a version of its own, before anything else happens.
 *
 * @throws {CodedError} `code_exchange_lost` when AWS would not take it until the time was over
 */
export async function storeGrant(
  obtained: Obtained,
  lineage: { readonly store: Store; readonly parent: Parent },
  deps: EngineDeps,
): Promise<StoredGrant> {
  const order = { ...lineage, check: undefined };
  // Approvals are put in order by when Shopify's answer came: their requests may overtake each other.
  const receivedAt = deps.clock.now();
  try {
    const made = await retryInstall(() => recordOf(obtained, order, deps), deps);
    const record = { ...made, issuedAt: receivedAt };
    return await retryInstall(async () => await storeOrTag(lineage.store, record, deps), deps);
  } catch (error) {
    throw new CodedError("code_exchange_lost", error instanceof CodedError ? error.facts : {});
  }
}

async function storeOrTag(
  store: Store,
  record: StoreRecord,
  deps: EngineDeps,
): Promise<StoredGrant> {
  try {
    return await storeSuccessor({ store, plan: PLANS.install }, { record }, deps);
  } catch (error) {
    if (!isBudgetSpent(error)) throw error;
    await keepInTags(store, record, deps);
    return { record, versionId: undefined };
  }
}
