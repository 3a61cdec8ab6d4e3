import type { SecretArn, StoreKey, VersionId } from "../../contract/brands";
import { type Declaration, parseDeclaration } from "../../contract/declaration";
import { CodedError } from "../../contract/errors";
import type { Kind } from "../../contract/kinds";
import { originOf, secretNameOf, storeKeyOfSecret } from "../../contract/names";
import { parseRecord, type StoreRecord } from "../../contract/record";
import { holderOf, type SecretFacts } from "../../contract/store/secret-facts";
import type { StoreView } from "../../contract/store/view";
import { rereadUntil } from "../retry";
import type { SecretValue } from "../secrets/port";
import type { EngineDeps } from "./deps";
import type { Successor } from "./successor";

/** A store as its secret declares it. */
export interface Store {
  readonly secretArn: SecretArn;
  /** Undefined: neither the secret's tag nor its name holds one. */
  readonly key: StoreKey | undefined;
  readonly declaration: Declaration;
  readonly facts: SecretFacts;
}

/** Refuses any secret that is not a store secret of this stack, before anything is asked of AWS. */
export function requireOwnSecret(prefix: string, secretArn: SecretArn): void {
  const name = secretNameOf(secretArn);
  if (!name.startsWith(`${prefix}/`) || name.startsWith(`${prefix}/apps/`)) {
    throw new CodedError("secret_out_of_prefix", { secretArn });
  }
}

/** Reads a secret's facts and its declaration, and refuses kinds that are not the caller's. */
export function storeOf(
  secretArn: SecretArn,
  facts: SecretFacts,
  kinds: { readonly prefix: string; readonly allowed: readonly Kind[] },
): Store {
  if (facts.deletedAt !== undefined) throw new CodedError("secret_pending_deletion", { secretArn });
  const declaration = parseDeclaration(facts.description);
  if (!kinds.allowed.includes(declaration.kind)) {
    throw new CodedError("kind_not_renewable", { shop: declaration.shop });
  }
  return { secretArn, key: storeKeyOfSecret(kinds.prefix, facts), declaration, facts };
}

/** The record of AWSCURRENT; undefined when there is no value. */
export async function readCurrentRecord(
  store: Store,
  deps: EngineDeps,
): Promise<Successor | undefined> {
  const versionId = holderOf(store.facts, "AWSCURRENT");
  if (versionId === undefined) return undefined;
  const found = await readVersionPatiently(store.secretArn, versionId, deps);
  if (found === undefined) throw new CodedError("version_unknown");
  return found;
}

/** A version's record. */
export function recordIn(value: SecretValue): Successor {
  return { versionId: value.versionId, record: parseRecord(value.text.unseal()) };
}

/** A version's record; undefined for a version that is gone, or whose value is no record of ours: it has nothing to present. */
export async function readVersionQuietly(
  secretArn: SecretArn,
  versionId: VersionId,
  { secrets }: Pick<EngineDeps, "secrets">,
): Promise<Successor | undefined> {
  const value = await secrets.readVersion(secretArn, versionId);
  if (value === undefined) return undefined;
  try {
    return recordIn(value);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return undefined;
  }
}

/** Refuses to go on when a record and the declaration name different shops. */
export function requireSameShop(store: Store, record: StoreRecord): void {
  if (record.shop !== store.declaration.shop) {
    throw new CodedError("declaration_mismatch", { shop: store.declaration.shop });
  }
}

/** A version's record, read again when it is not there at once. */
export async function readVersionPatiently(
  secretArn: SecretArn,
  versionId: VersionId,
  deps: EngineDeps,
): Promise<Successor | undefined> {
  const value = await rereadUntil(
    () => deps.secrets.readVersion(secretArn, versionId),
    (found) => found !== undefined,
    deps,
  );
  return value === undefined ? undefined : recordIn(value);
}

/** The same failure with the store's own names in its sentence. */
export function withFacts(error: unknown, store: Store): unknown {
  if (!(error instanceof CodedError)) return error;
  const { app, shop, kind, credential } = store.declaration;
  const origin = originOf(store.facts);
  return new CodedError(error.code, {
    kind,
    ...(origin === undefined ? {} : { origin }),
    ...(credential === undefined ? {} : { credential }),
    ...(store.key === undefined ? {} : { store: store.key }),
    ...(app === undefined ? {} : { app }),
    shop,
    ...error.facts,
  });
}

/** The store of a view, as the engine takes it. */
export function storeFor(view: StoreView): Store {
  const { secretArn, key, facts, declaration } = view;
  if (declaration === undefined) throw new CodedError("declaration_malformed", { secretArn });
  return { secretArn, key, declaration, facts };
}
