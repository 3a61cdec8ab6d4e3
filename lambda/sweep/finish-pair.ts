import { CodedError, type ErrorCode } from "../../contract/errors";
import { missingScopes } from "../../contract/scopes";
import type { EngineParts } from "../engine/parts";
import { renew } from "../engine/renew";
import type { Successor } from "../engine/rules";
import { writeSuccess } from "../engine/status";
import { tryToken } from "../engine/trial";
import type { Deed, Finding } from "./finding";
import { type ListedStore, storeFor } from "./listed-store";

/** How a stored pair is brought to its end. */
export interface Finish {
  readonly parts: EngineParts;
  readonly did: Deed;
  /** Whether a dead access token says nothing about the refresh token beside it. */
  readonly mayBeDead: boolean;
  readonly promote: () => Promise<void>;
}

/**
 * Makes a stored pair AWSCURRENT over the version that it was made from.
 *
 * Its acquisition has retired everything before it, so its refresh token counts even when its access
 * token has ended in the meantime: then it is promoted all the same and renewed at once.
 */
export async function finishPair(
  store: ListedStore,
  successor: Successor,
  { parts, did, mayBeDead, promote }: Finish,
): Promise<Finding> {
  const checked = await trialOf(store, successor, parts);
  if (checked === "token_dead" && !mayBeDead) {
    throw new CodedError("token_dead", { shop: successor.record.shop });
  }
  await promote();
  parts.log.info("sweep.pair_promoted", { version_id: successor.versionId, checked });
  const current = await livingOf(successor, checked, { store, parts });
  const missing = missingScopes(store.declaration?.scopes ?? [], current.record.scopes);
  return {
    did,
    code: missing.length > 0 ? "scope_missing" : "",
    expiry: current.record.expiresAt ?? "never",
    refreshExpiresAt: current.record.refreshTokenExpiresAt,
    isWritten: true,
    scopes: current.record.scopes,
    missingScopes: missing,
  };
}

/** The successor, or what a renewal makes of it when its access token has ended. */
async function livingOf(
  successor: Successor,
  checked: ErrorCode | "ok",
  { store, parts }: { readonly store: ListedStore; readonly parts: EngineParts },
): Promise<Pick<Successor, "record">> {
  if (checked !== "token_dead") {
    const record = { ...successor.record, checked };
    await writeSuccess(store.secretArn, { ...successor, record }, parts);
    return successor;
  }
  // It looks new and is not: waiting for the usual time between two versions would be waiting in vain.
  const rules = { ...parts.rules, mayAddVersion: () => true };
  return await renew(store.secretArn, { ...parts, rules });
}

async function trialOf(store: ListedStore, { record }: Successor, parts: EngineParts) {
  try {
    return (await tryToken(storeFor(store), record.accessToken, parts)).checked;
  } catch (error) {
    if (error instanceof CodedError && error.code === "token_dead") return "token_dead";
    throw error;
  }
}
