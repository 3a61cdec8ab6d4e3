import type { EnrolRequest } from "../../contract/enrolment";
import { adviceRow, CodedError } from "../../contract/errors";
import { kindFactsOf } from "../../contract/kinds";
import type { StoreRecord } from "../../contract/record";
import { missingScopes } from "../../contract/scopes";
import type { Sealed } from "../../contract/sealed";
import type { AppInHand } from "../engine/app-secret";
import { grantOf } from "../engine/grants";
import { mint, type Parent, recordOf, warnOfScopes } from "../engine/mint";
import type { EngineParts } from "../engine/parts";
import { PLANS } from "../engine/plans";
import { promote } from "../engine/promote";
import type { Successor } from "../engine/rules";
import type { Store } from "../engine/store";
import { storeSuccessor } from "../engine/store-successor";
import { type TrialVerdict, tryToken, verdictOn } from "../engine/trial";
import { fingerprintOf } from "./fingerprint";

/** What an enrolment is to write. */
export interface Order {
  readonly request: EnrolRequest;
  readonly store: Store;
  /** Undefined for stores whose tokens are not minted. */
  readonly app: AppInHand | undefined;
  /** AWSCURRENT, which the new version succeeds. */
  readonly parent: Parent;
  readonly somethingIsAlive: boolean;
}

/** Obtains a token, tries it, and makes it AWSCURRENT over the version that was looked at. */
export async function writeValue(order: Order, parts: EngineParts): Promise<Successor> {
  const record = await makeRecord(order, parts);
  requireScopes(order, record, parts);
  const isAsGood = (other: Successor) => doesAsWell(order, { other, record }, parts);
  const place = { store: order.store, plan: PLANS.enrolment };
  const stored = await storeSuccessor(place, { record, isAsGood }, parts);
  await promoteStored(order, stored, parts);
  return stored;
}

async function makeRecord(order: Order, parts: EngineParts): Promise<StoreRecord> {
  const { request, store, parent } = order;
  if (!kindFactsOf(request).obtainable) return await staticRecord(order, parts);
  const minted = await mint(
    {
      store,
      app: order.app,
      grant: grantOf(request),
      presented: undefined,
      clientSecrets: "current_only",
    },
    parts,
  );
  const trial = await tryAtEnrolment(store, minted.grant.accessToken, parts);
  return await recordOf(minted, { store, parent, trial }, parts);
}

async function staticRecord(order: Order, parts: EngineParts): Promise<StoreRecord> {
  const { request, store, parent } = order;
  // Where only the version of the Admin API changes, the token stays.
  const accessToken = request.accessToken ?? parent.record?.accessToken;
  if (accessToken === undefined) throw new CodedError("token_required");
  const trial = await tryAtEnrolment(store, accessToken, parts);
  const { declaration } = store;
  return {
    shop: declaration.shop,
    app: declaration.app,
    kind: declaration.kind,
    accessToken,
    scopes: trial.scopes ?? [],
    apiVersion: declaration.apiVersion,
    issuedAt: parts.clock.now(),
    expiresAt: undefined,
    checked: trial.checked,
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

async function tryAtEnrolment(
  store: Store,
  accessToken: Sealed<string>,
  parts: EngineParts,
): Promise<TrialVerdict> {
  const trial = await tryToken(store, accessToken, parts);
  const { checked } = trial;
  // Inconclusive for the token, and yet the declaration itself is wrong.
  if (checked !== "ok" && adviceRow(checked).condemnsDeclaration) {
    throw new CodedError(checked, { shop: store.declaration.shop });
  }
  return trial;
}

/** The wanted scopes that a record's token lacks; undefined: a trial that was inconclusive says nothing of them. */
export function scopesLackedBy(record: StoreRecord, store: Store): string[] | undefined {
  if (record.scopes.length === 0 && record.checked !== "ok") return undefined;
  return missingScopes(store.declaration.scopes, record.scopes);
}

/** A missing scope fails an enrolment when nothing was alive before; nothing is lost by refusing it then. */
function requireScopes(order: Order, record: StoreRecord, parts: EngineParts): void {
  const missing = scopesLackedBy(record, order.store);
  if (missing === undefined) return;
  if (parts.rules.refusesScopes(missing, order.somethingIsAlive)) {
    throw new CodedError("scope_missing", { shop: record.shop, scopes: missing });
  }
  warnOfScopes(missing, parts);
}

/** Whether a version that another enrolment stored does for this one too. */
async function doesAsWell(
  order: Order,
  { other, record }: { readonly other: Successor; readonly record: StoreRecord },
  parts: EngineParts,
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
  const { versions } = await parts.secrets.describe(order.store.secretArn);
  // One that lost its labels was given up or replaced.
  if (!versions.has(other.versionId)) return false;
  return (await verdictOn(order.store, found.accessToken, parts)).checked !== "token_dead";
}

async function promoteStored(order: Order, stored: Successor, parts: EngineParts): Promise<void> {
  const { secretArn } = order.store;
  try {
    await promote({ secretArn, plan: PLANS.enrolment }, stored, parts);
  } finally {
    await parts.secrets.dropStage(secretArn, stored.versionId, PLANS.enrolment.label);
  }
}
