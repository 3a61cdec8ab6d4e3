import { type AppKey, isStoreKey, type StoreKey } from "../../contract/brands";
import { CodedError } from "../../contract/errors";
import { type ApprovedKind, isApprovable, KINDS } from "../../contract/kinds";
import { storeSecretName } from "../../contract/names";
import type { AppInHand, ClientSecret } from "../engine/app-secret";
import { readPreviousClientSecret } from "../engine/app-secret";
import type { EngineParts } from "../engine/parts";
import { type Store, storeOf } from "../engine/store";
import type { InstallParts } from "./parts";

/** A declared store that a merchant may approve. */
export interface InstallableStore {
  readonly store: Store;
  readonly key: StoreKey;
  readonly kind: ApprovedKind;
  readonly app: AppKey;
}

/**
 * Finds a declared store by its key.
 *
 * @throws {CodedError} `store_not_declared`, `store_not_installable`
 */
export async function findInstallable(
  key: string,
  parts: Pick<InstallParts, "findSecret" | "prefix">,
): Promise<InstallableStore> {
  if (!isStoreKey(key)) throw new CodedError("store_not_declared");
  const found = await parts.findSecret(storeSecretName(parts.prefix, key));
  if (found === undefined || found.facts.deletedAt !== undefined) {
    throw new CodedError("store_not_declared");
  }
  const { secretArn, facts } = found;
  const store = storeOf(secretArn, facts, { prefix: parts.prefix, allowed: KINDS });
  const { declaration } = store;
  const { app, shop } = declaration;
  if (!isApprovable(declaration) || app === undefined) {
    throw new CodedError("store_not_installable", { store: key, shop });
  }
  return { store, key, kind: declaration.kind, app };
}

/** The client secrets of an app that Shopify may sign with: the current one, and the one before. */
export async function liveClientSecretsOf(
  app: AppInHand,
  parts: Pick<EngineParts, "prefix" | "secrets">,
): Promise<ClientSecret[]> {
  const previous = await readPreviousClientSecret(app, parts);
  return previous === undefined ? [app.current] : [app.current, previous];
}
