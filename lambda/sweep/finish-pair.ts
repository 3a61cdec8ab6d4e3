import { CodedError } from "../../contract/errors";
import { codeOfTrial } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { EngineParts } from "../engine/parts";
import type { Plan } from "../engine/plans";
import { promote } from "../engine/promote";
import { renew, unspaced } from "../engine/renew";
import type { Successor } from "../engine/rules";
import { statusOfSuccess, writeSuccess } from "../engine/status";
import { verdictOn } from "../engine/trial";
import { fieldsOfError } from "../log";
import type { Deed, Finding } from "./finding";
import { type ListedStore, storeFor } from "./listed-store";

/** How a stored pair is brought to its end. */
export interface Finish {
  readonly parts: EngineParts;
  readonly did: Deed;
  /** Whether a dead access token says nothing about the refresh token beside it. */
  readonly mayBeDead: boolean;
  /** Whether the access token may end earlier than its record says. Default: false. */
  readonly mayBeOld?: boolean;
  readonly plan: Plan;
}

/**
 * Makes a stored pair AWSCURRENT, by its plan.
 *
 * Its acquisition has retired everything before it, so its refresh token counts even when its access
 * token has ended in the meantime: then it is promoted all the same and renewed at once.
 */
export async function finishPair(
  store: ListedStore,
  successor: Successor,
  { parts, did, mayBeDead, mayBeOld = false, plan }: Finish,
): Promise<Finding> {
  const { accessToken } = successor.record;
  const { checked } = await verdictOn(storeFor(store), accessToken, parts);
  if (checked === "token_dead" && !mayBeDead) {
    throw new CodedError("token_dead", { shop: successor.record.shop });
  }
  await promote({ secretArn: store.secretArn, plan }, successor, parts);
  parts.log.info("sweep.pair_promoted", { version_id: successor.versionId, checked });
  const current =
    checked === "token_dead"
      ? await renewAtOnce(store, parts)
      : await settle({ ...successor, record: { ...successor.record, checked } }, mayBeOld, {
          store,
          parts,
        });
  const missing = missingScopes(store.declaration?.scopes ?? [], current.record.scopes);
  return {
    did,
    code: missing.length > 0 ? "scope_missing" : codeOfTrial(current.record.checked),
    expiry: current.record.expiresAt ?? "never",
    written: statusOfSuccess(current, parts),
    scopes: current.record.scopes,
    missingScopes: missing,
  };
}

interface Ground {
  readonly store: ListedStore;
  readonly parts: EngineParts;
}

/** Writes the success down, and renews a token of unknown age where that is possible. */
async function settle(
  successor: Successor,
  mayBeOld: boolean,
  { store, parts }: Ground,
): Promise<Successor> {
  await writeSuccess(store.secretArn, successor, parts);
  if (!mayBeOld) return successor;
  return await renewAtOnce(store, parts).catch((error: unknown) => {
    // It works for now, and the next sweeps try again.
    parts.log.warn("sweep.old_pair_not_renewed", fieldsOfError(error));
    return successor;
  });
}

/** Renews without the usual time between two versions: this one looks new and is not. */
async function renewAtOnce({ secretArn }: ListedStore, parts: EngineParts): Promise<Successor> {
  const { versionId, record, checked } = await renew(secretArn, unspaced(parts));
  return { versionId, record: { ...record, checked } };
}
