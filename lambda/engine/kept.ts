import { CodedError } from "../../contract/errors";
import { encodeRecord, parseRecord, type StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { emptiedTagsOf, keptIn, keptTagsOf } from "../../contract/store/kept";
import type { EngineDeps } from "./deps";
import { writeTags } from "./status";
import { requireSameShop, type Store } from "./store";

/** Keeps a record that Secrets Manager would not take as a version: sealed as a refresh token is, in the store's tags. */
export async function keepInTags(
  { secretArn }: Store,
  record: StoreRecord,
  { cipher, secrets }: EngineDeps,
): Promise<void> {
  const text = Sealed.of(encodeRecord(record));
  const sealedRecord = await cipher.encrypt(text, { secretArn, shop: record.shop });
  await secrets.tag(secretArn, keptTagsOf(sealedRecord));
}

/**
 * The record that was kept in the store's tags; undefined: there is none.
 *
 * @throws {CodedError} `refresh_token_unreadable`, `record_malformed`, `declaration_mismatch`
 */
export async function keptRecord(
  store: Store,
  { cipher }: EngineDeps,
): Promise<StoreRecord | undefined> {
  const sealedRecord = keptIn(store.facts.tags);
  if (sealedRecord === "") return undefined;
  const context = { secretArn: store.secretArn, shop: store.declaration.shop };
  const record = parseRecord((await cipher.decrypt(sealedRecord, context)).unseal());
  requireSameShop(store, record);
  return record;
}

/** Empties the tags: the record has a version of its own, or is not wanted any more. */
export async function forgetKept({ secretArn, facts }: Store, deps: EngineDeps): Promise<void> {
  const emptied = emptiedTagsOf(facts.tags);
  if (Object.keys(emptied).length > 0) await writeTags(secretArn, emptied, deps);
}

export function isBudgetSpent(error: unknown): boolean {
  return error instanceof CodedError && error.code === "version_budget_spent";
}
