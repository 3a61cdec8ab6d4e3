import { CodedError } from "../../contract/errors";
import { missingScopes } from "../../contract/scopes";
import type { EngineParts } from "../engine/parts";
import { promote } from "../engine/promote";
import { renew } from "../engine/renew";
import type { Successor } from "../engine/rules";
import { writeSuccess } from "../engine/status";
import { tryToken } from "../engine/trial";
import type { Deed, Finding } from "./finding";
import { type ListedStore, storeFor } from "./listed-store";

/**
 * Makes a stored pair AWSCURRENT over the version that it was made from.
 *
 * Its acquisition has retired everything before it, so its refresh token counts even when its access
 * token has ended in the meantime: then it is promoted all the same and renewed at once.
 */
export async function finishPair(
  store: ListedStore,
  successor: Successor,
  { parts, did }: { readonly parts: EngineParts; readonly did: Deed },
): Promise<Finding> {
  const checked = await trialOf(store, successor, parts);
  await promote(store.secretArn, successor, parts);
  const record = {
    ...successor.record,
    checked: checked === "token_dead" ? "untried" : checked,
  } as const;
  await writeSuccess(store.secretArn, { ...successor, record }, parts);
  parts.log.info("sweep.pair_promoted", { version_id: successor.versionId, checked });
  const current = checked === "token_dead" ? await renew(store.secretArn, parts) : successor;
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

async function trialOf(store: ListedStore, { record }: Successor, parts: EngineParts) {
  try {
    return (await tryToken(storeFor(store), record.accessToken, parts)).checked;
  } catch (error) {
    if (error instanceof CodedError && error.code === "token_dead") return "token_dead";
    throw error;
  }
}
