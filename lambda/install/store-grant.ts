import type { VersionId } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { isBudgetSpent, keepInTags } from "../engine/kept";
import { type Minted, type Parent, recordOf } from "../engine/mint";
import type { EngineParts } from "../engine/parts";
import { PLANS } from "../engine/plans";
import type { Store } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import { persistently } from "./persistently";

/** Seals a word that nobody needs: a pair that cannot be sealed is lost, so the key is tried before the code. */
export async function rehearseSeal(store: Store, parts: EngineParts): Promise<void> {
  const { secretArn, declaration } = store;
  if (!kindFactsOf(declaration).hasRefreshToken) return;
  await parts.seal.close(Sealed.of("rehearsal"), { secretArn, shop: declaration.shop });
}

/** What a merchant granted, in safety. */
export interface Kept {
  readonly record: StoreRecord;
  /** Undefined: the day's versions are used up, and the store's tags hold the record, sealed. */
  readonly versionId: VersionId | undefined;
}

/**
 * Stores what a merchant granted as a version of its own, before anything else happens.
 *
 * @throws {CodedError} `code_exchange_lost` when AWS would not take it until the time was over
 */
export async function keep(
  minted: Minted,
  line: { readonly store: Store; readonly parent: Parent },
  parts: EngineParts,
): Promise<Kept> {
  const order = { ...line, trial: undefined };
  // Approvals are put in order by when Shopify's answer came: their requests may overtake each other.
  const receivedAt = parts.clock.now();
  try {
    const made = await persistently(() => recordOf(minted, order, parts), parts);
    const record = { ...made, issuedAt: receivedAt };
    return await persistently(async () => await storeOrTag(line.store, record, parts), parts);
  } catch (error) {
    throw new CodedError("code_exchange_lost", error instanceof CodedError ? error.facts : {});
  }
}

async function storeOrTag(store: Store, record: StoreRecord, parts: EngineParts): Promise<Kept> {
  try {
    return await storeSuccessor({ store, plan: PLANS.install }, { record }, parts);
  } catch (error) {
    if (!isBudgetSpent(error)) throw error;
    await keepInTags(store, record, parts);
    return { record, versionId: undefined };
  }
}
