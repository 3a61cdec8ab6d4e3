import { CodedError } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { Sealed } from "../../contract/sealed";
import { INSTALLING } from "../../contract/store/secret-facts";
import { type Minted, type Parent, recordOf } from "../engine/mint";
import type { EngineParts } from "../engine/parts";
import type { Successor } from "../engine/rules";
import type { Store } from "../engine/store";
import { MOST_ATTEMPTS, versionIdOf } from "../engine/version-id";
import { storeVersion } from "../engine/versions";
import { persistently } from "./persistently";

/** Seals a word that nobody needs: a pair that cannot be sealed is lost, so the key is tried before the code. */
export async function rehearseSeal(store: Store, parts: EngineParts): Promise<void> {
  const { secretArn, declaration } = store;
  if (!kindFactsOf(declaration).hasRefreshToken) return;
  await parts.seal.close(Sealed.of("rehearsal"), { secretArn, shop: declaration.shop });
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
): Promise<Successor> {
  const order = { ...line, trial: undefined };
  // Approvals are put in order by when Shopify's answer came: their requests may overtake each other.
  const receivedAt = parts.clock.now();
  try {
    const made = await persistently(() => recordOf(minted, order, parts), parts);
    const record = { ...made, issuedAt: receivedAt };
    return await persistently(() => storeUnderFreeId(line.store, record, parts), parts);
  } catch (error) {
    throw new CodedError("code_exchange_lost", error instanceof CodedError ? error.facts : {});
  }
}

/** The first derived ID that is free: another install may have been made from the same parent. */
async function storeUnderFreeId(
  { secretArn }: Store,
  record: StoreRecord,
  parts: EngineParts,
): Promise<Successor> {
  const from = record.parentVersion ?? secretArn;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const versionId = versionIdOf({ purpose: "install", from, attempt });
    const version = { versionId, record, stages: [INSTALLING] };
    if ((await storeVersion(secretArn, version, parts)) === "stored") return { versionId, record };
  }
  throw new CodedError("version_budget_spent", { shop: record.shop });
}
