import type { EnrolRequest } from "../../contract/enrolment";
import { adviceRow, CodedError } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import type { AppInHand } from "../engine/app-secret";
import { checkEvenDead, checkToken, type TokenCheck } from "../engine/check-token";
import type { EngineDeps } from "../engine/deps";
import { grantOf } from "../engine/grants";
import { obtain, recordOf, warnOfScopes } from "../engine/obtain";
import { PLANS } from "../engine/plans";
import { promote } from "../engine/promote";
import type { Store } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import type { Parent, Successor } from "../engine/successor";
import { fingerprintOf } from "./fingerprint";

/** What an enrolment is to write. */
export interface Order {
  readonly request: EnrolRequest;
  readonly store: Store;
  /** Undefined for stores whose tokens are not obtained. */
  readonly app: AppInHand | undefined;
  /** AWSCURRENT, which the new version succeeds. */
  readonly parent: Parent;
  readonly somethingIsAlive: boolean;
}

/** Obtains a token, tries it, and makes it AWSCURRENT over the version that was looked at. */
export async function writeValue(order: Order, deps: EngineDeps): Promise<Successor> {
  const record = await makeRecord(order, deps);
  requireScopes(order, record, deps);
  const isAsGood = (other: Successor) => doesAsWell(order, { other, record }, deps);
  const place = { store: order.store, plan: PLANS.enrolment };
  const stored = await storeSuccessor(place, { record, isAsGood }, deps);
  await promoteStored(order, stored, deps);
  return stored;
}

async function makeRecord(order: Order, deps: EngineDeps): Promise<StoreRecord> {
  const { request, store, parent } = order;
  if (!kindFactsOf(request).obtainable) return await staticRecord(order, deps);
  const obtained = await obtain(
    {
      store,
      app: order.app,
      grant: grantOf(request),
      presented: undefined,
      clientSecrets: "current_only",
    },
    deps,
  );
  const check = await checkAtEnrolment(store, obtained.grant.accessToken, deps);
  return await recordOf(obtained, { store, parent, check }, deps);
}

async function staticRecord(order: Order, deps: EngineDeps): Promise<StoreRecord> {
  const { request, store, parent } = order;
  // Where only the version of the Admin API changes, the token stays.
  const accessToken = request.accessToken ?? parent.record?.accessToken;
  if (accessToken === undefined) throw new CodedError("token_required");
  const check = await checkAtEnrolment(store, accessToken, deps);
  const { declaration } = store;
  return {
    shop: declaration.shop,
    app: declaration.app,
    kind: declaration.kind,
    accessToken,
    scopes: check.scopes ?? [],
    apiVersion: declaration.apiVersion,
    issuedAt: deps.clock.now(),
    expiresAt: undefined,
    checked: check.checked,
    parentVersion: parent.versionId,
    appSecretVersion: undefined,
    configTokenFingerprint:
      request.accessToken !== undefined && request.tokenSource === "config"
        ? fingerprintOf(accessToken)
        : (parent.record?.configTokenFingerprint ?? ""),
    refreshTokenSealed: "",
    refreshTokenExpiresAt: undefined,
  };
}

async function checkAtEnrolment(
  store: Store,
  accessToken: Sealed<string>,
  deps: EngineDeps,
): Promise<TokenCheck> {
  const check = await checkToken(store, accessToken, deps);
  const { checked } = check;
  // Inconclusive for the token, and yet the declaration itself is wrong.
  if (checked !== "ok" && adviceRow(checked).condemnsDeclaration) {
    throw new CodedError(checked, { shop: store.declaration.shop });
  }
  return check;
}

/** The wanted scopes that a record's token lacks; undefined: a check that was inconclusive says nothing of them. */
export function scopesLackedBy(record: StoreRecord, store: Store): string[] | undefined {
  if (record.scopes.length === 0 && record.checked !== "ok") return undefined;
  return missingScopes(store.declaration.scopes, record.scopes);
}

/** A missing scope fails an enrolment when nothing was alive before; nothing is lost by refusing it then. */
function requireScopes(order: Order, record: StoreRecord, deps: EngineDeps): void {
  const missing = scopesLackedBy(record, order.store);
  if (missing === undefined) return;
  if (missing.length > 0 && !order.somethingIsAlive) {
    throw new CodedError("scope_missing", { shop: record.shop, scopes: missing });
  }
  warnOfScopes(missing, deps);
}

/** Whether a version that another enrolment stored does for this one too. */
async function doesAsWell(
  order: Order,
  { other, record }: { readonly other: Successor; readonly record: StoreRecord },
  deps: EngineDeps,
): Promise<boolean> {
  const found = other.record;
  if (found.shop !== record.shop || found.app !== record.app || found.kind !== record.kind) {
    return false;
  }
  if (found.apiVersion !== record.apiVersion) return false;
  if (order.request.accessToken !== undefined) {
    return found.accessToken.unseal() === record.accessToken.unseal();
  }
  if (found.appSecretVersion !== record.appSecretVersion) return false;
  const { versions } = await deps.secrets.describe(order.store.secretArn);
  // One that lost its labels was given up or replaced.
  if (!versions.has(other.versionId)) return false;
  return (await checkEvenDead(order.store, found.accessToken, deps)).checked !== "token_dead";
}

async function promoteStored(order: Order, stored: Successor, deps: EngineDeps): Promise<void> {
  const { secretArn } = order.store;
  try {
    await promote({ secretArn, plan: PLANS.enrolment }, stored, deps);
  } finally {
    await deps.secrets.dropStage(secretArn, stored.versionId, PLANS.enrolment.label);
  }
}
