import { CodedError } from "../../contract/errors";
import { codeOfCheck } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { StoreView } from "../../contract/store/view";
import { checkEvenDead } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import type { Plan } from "../engine/plans";
import { promote } from "../engine/promote";
import { renew } from "../engine/renew";
import { unspaced } from "../engine/spacing";
import { statusOfSuccess, writeSuccess } from "../engine/status";
import { storeFor } from "../engine/store";
import type { Successor } from "../engine/successor";
import { fieldsOfError } from "../log";
import type { ActionTaken, StoreOutcome } from "./outcome";

/** How a stored pair is brought to its end. */
export interface Finish {
  readonly deps: EngineDeps;
  readonly action: ActionTaken;
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
  store: StoreView,
  successor: Successor,
  { deps, action, mayBeDead, mayBeOld = false, plan }: Finish,
): Promise<StoreOutcome> {
  const { accessToken } = successor.record;
  const { checked } = await checkEvenDead(storeFor(store), accessToken, deps);
  if (checked === "token_dead" && !mayBeDead) {
    throw new CodedError("token_dead", { shop: successor.record.shop });
  }
  await promote({ secretArn: store.secretArn, plan }, successor, deps);
  deps.log.info("sweep.pair_promoted", { version_id: successor.versionId, checked });
  const current =
    checked === "token_dead"
      ? await renewAtOnce(store, deps)
      : await settle({ ...successor, record: { ...successor.record, checked } }, mayBeOld, {
          store,
          deps,
        });
  const missing = missingScopes(store.declaration?.scopes ?? [], current.record.scopes);
  return {
    action,
    code: missing.length > 0 ? "scope_missing" : codeOfCheck(current.record.checked),
    expiry: current.record.expiresAt ?? "never",
    written: statusOfSuccess(current, deps),
    scopes: current.record.scopes,
    missingScopes: missing,
  };
}

interface FinishContext {
  readonly store: StoreView;
  readonly deps: EngineDeps;
}

/** Writes the success down, and renews a token of unknown age where that is possible. */
async function settle(
  successor: Successor,
  mayBeOld: boolean,
  { store, deps }: FinishContext,
): Promise<Successor> {
  await writeSuccess(store.secretArn, successor, deps);
  if (!mayBeOld) return successor;
  return await renewAtOnce(store, deps).catch((error: unknown) => {
    // It works for now, and the next sweeps try again.
    deps.log.warn("sweep.old_pair_not_renewed", fieldsOfError(error));
    return successor;
  });
}

/** Renews without the usual time between two versions: this one looks new and is not. */
async function renewAtOnce({ secretArn }: StoreView, deps: EngineDeps): Promise<Successor> {
  const { versionId, record, checked } = await renew(secretArn, unspaced(deps));
  return { versionId, record: { ...record, checked } };
}
