import type { StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { encodeScopes } from "../../contract/scopes";
import { encodeStatus } from "../../contract/store/status";
import type { StoreView } from "../../contract/store/view";
import type { MigrateResult } from "../../contract/sweep";
import { isoOf } from "../../contract/time";
import { checkToken } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { migration } from "../engine/grants";
import { obtainSuccessor } from "../engine/obtain";
import { PLANS } from "../engine/plans";
import { writeStatus } from "../engine/status";
import { readCurrentRecord, requireSameShop, storeFor, withFacts } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import type { Successor } from "../engine/successor";
import { fieldsOfError } from "../log";
import { finishPair } from "./finish-pair";
import type { StoreOutcome } from "./outcome";
import { isMigrating } from "./plan";

/**
 * Turns a store's non-expiring token into a pair that expires, without the merchant; it cannot be undone.
 *
 * What is begun is noted in the tags first: Shopify kills the old token with its first answer, and a
 * sweep takes up a migration that was cut off.
 *
 * @throws {CodedError} `migration_not_declared` unless config declares the store as offline-expiring
 */
export async function migrate(
  store: StoreView & { readonly key: StoreKey },
  deps: EngineDeps,
): Promise<MigrateResult> {
  const { key, secretArn, declaration } = store;
  if (declaration?.kind !== migration.kind) {
    throw new CodedError("migration_not_declared", { store: key });
  }
  try {
    const parent = await parentOf(store, deps);
    if (parent.record.refreshTokenSealed === "") {
      await deps.secrets.tag(secretArn, encodeStatus({ migrating: parent.versionId }));
      await exchange(store, parent, deps);
      const facts = await deps.secrets.describe(secretArn);
      return resultOf(key, await parentOf({ ...store, facts }, deps), "migrated");
    }
    return resultOf(key, parent, "already_migrated");
  } catch (error) {
    throw withFacts(error, { ...storeFor(store), key });
  }
}

/** Ends a migration that was begun and cut off. */
export async function resumeMigration(store: StoreView, deps: EngineDeps): Promise<StoreOutcome> {
  return await exchange(store, await parentOf(store, deps), deps);
}

async function exchange(
  store: StoreView,
  parent: Successor,
  deps: EngineDeps,
): Promise<StoreOutcome> {
  try {
    const successor = await storePair(store, parent, deps);
    return await finishPair(store, successor, {
      deps,
      action: "migrated",
      // The old token is dead since the first answer, and a replayed one may be.
      mayBeDead: true,
      // Then Shopify answers with the pair of the first time, and its life may be said as of then or as of now.
      mayBeOld: isMigrating(store),
      plan: PLANS.migration,
    });
  } catch (error) {
    // Nothing was changed at Shopify, and nothing will be by asking again.
    if (await isTrulyRefused(store, { parent, error }, deps)) {
      await writeStatus(store.secretArn, { migrating: undefined }, deps);
    }
    throw error;
  }
}

/** Whether Shopify refused an exchange; of an answer that nobody knows only the old token can tell, which dies of a grant. */
async function isTrulyRefused(
  store: StoreView,
  { parent, error }: { readonly parent: Successor; readonly error: unknown },
  deps: EngineDeps,
): Promise<boolean> {
  if (!(error instanceof CodedError)) return false;
  if (error.code !== "token_request_refused") return error.code === "subject_token_invalid";
  try {
    const check = await checkToken(storeFor(store), parent.record.accessToken, deps);
    return check.checked === "ok";
  } catch (failure) {
    deps.log.warn("sweep.old_token_not_tried", fieldsOfError(failure));
    return false;
  }
}

/** Stores the pair before anything else is asked of Shopify, or takes up the one that was stored. */
async function storePair(
  store: StoreView,
  parent: Successor,
  deps: EngineDeps,
): Promise<Successor> {
  const order = {
    store: storeFor(store),
    grant: migration,
    presented: parent.record,
    clientSecrets: "with_previous",
  } as const;
  const record = await obtainSuccessor(order, parent, deps);
  return await storeSuccessor({ store: order.store, plan: PLANS.migration }, { record }, deps);
}

async function parentOf(store: StoreView, deps: EngineDeps): Promise<Successor> {
  const parent = await readCurrentRecord(storeFor(store), deps);
  if (parent === undefined) throw new CodedError("refresh_token_missing");
  requireSameShop(storeFor(store), parent.record);
  return parent;
}

function resultOf(
  store: StoreKey,
  { versionId, record }: Successor,
  outcome: MigrateResult["outcome"],
): MigrateResult {
  const { expiresAt, scopes } = record;
  return {
    store,
    outcome,
    versionId,
    scope: encodeScopes(scopes),
    ...(expiresAt === undefined ? {} : { expiresAt: isoOf(expiresAt) }),
  };
}
