import type { StoreKey } from "../../contract/brands";
import { CodedError, passesByItself } from "../../contract/errors";
import { encodeScopes } from "../../contract/scopes";
import { adviceFor } from "../../contract/store/advice";
import { type Condition, isFailure } from "../../contract/store/condition";
import { labelOf } from "../../contract/store/view";
import type {
  AddressResult,
  CheckedStore,
  CheckResult,
  MigrateResult,
  SweepRequest,
  SweepResult,
} from "../../contract/sweep";
import { isoOf } from "../../contract/time";
import type { Finding } from "./finding";
import { inParallel } from "./in-parallel";
import type { ListedStore } from "./listed-store";
import { migrate } from "./migrate";
import { createPacedPort } from "./paced-port";
import { partsFor, type SweepParts } from "./parts";
import { listedFleet, namedStore, seenNow } from "./seen-now";
import type { Swept } from "./summary";
import { report, sweep } from "./sweep";
import { tellPeople } from "./tell";
import { checkNow, checkPrevious, failureOf, workOn } from "./work";

/** Does what the sweep function was asked for. */
export async function answer(
  request: SweepRequest,
  parts: SweepParts,
): Promise<SweepResult | CheckResult | MigrateResult | AddressResult> {
  switch (request.action) {
    case "sweep":
      return await sweep(parts);
    case "check":
      return await check(request, parts);
    case "renew":
      return await renewStores(request.stores, parts);
    case "migrate":
      return await migrateStore(request.store, parts);
    case "address":
      return { address: (await parts.findOwnAddress()) ?? null };
    default:
      return request satisfies never;
  }
}

async function migrateStore(key: StoreKey, parts: SweepParts): Promise<MigrateResult> {
  const secrets = createPacedPort(parts.secrets, parts.deadline);
  const store = await namedStore(key, parts);
  return await migrate({ ...store, key }, { ...parts, secrets });
}

/** Tries the access tokens of these stores, or of all; of the current ones the status is written as by a sweep. */
async function check(
  { stores: keys, stage }: Extract<SweepRequest, { action: "check" }>,
  parts: SweepParts,
): Promise<CheckResult> {
  if (stage !== "AWSCURRENT") {
    return resultOf(await eachOf(keys, parts, lookAtPrevious));
  }
  return await reportEach(keys, parts, checkNow);
}

async function lookAtPrevious(store: ListedStore, parts: SweepParts): Promise<Swept> {
  const finding = await checkPrevious(store, parts);
  return { store, finding, condition: conditionOfPrevious(store, finding), isLeft: false };
}

/** Renews these stores' tokens now, whatever their age; each gets an answer of its own. */
async function renewStores(keys: readonly StoreKey[], given: SweepParts): Promise<CheckResult> {
  const parts = { ...given, secrets: createPacedPort(given.secrets, given.deadline) };
  return await reportEach(keys, parts, (store, own) => workOn(store, { does: "renew" }, own));
}

/** Works on each store as a sweep does, and tells people as a sweep does. */
async function reportEach(
  keys: readonly StoreKey[],
  parts: SweepParts,
  work: (store: ListedStore, own: SweepParts) => Promise<Finding>,
): Promise<CheckResult> {
  const swept = await eachOf(keys, parts, async (store, own) =>
    report(store, await work(store, own), own),
  );
  await tellPeople(swept, parts);
  return resultOf(swept);
}

async function eachOf(
  keys: readonly StoreKey[],
  parts: SweepParts,
  act: (store: ListedStore, own: SweepParts) => Promise<Swept>,
): Promise<readonly Swept[]> {
  const stores = await storesOf(keys, parts);
  const swept: Swept[] = [];
  const left = await inParallel(stores, {
    width: parts.storesAtOnce,
    mayStart: () => parts.deadline.remainingMs() > 0,
    run: async (store) => void swept.push(await act(store, partsFor(store, parts))),
  });
  if (left.length > 0) throw new CodedError("out_of_time");
  return swept;
}

/** The named stores, or all that are listed, as they are now; one that is gone is none. */
async function storesOf(keys: readonly StoreKey[], parts: SweepParts): Promise<ListedStore[]> {
  if (keys.length > 0) return await Promise.all(keys.map((key) => namedStore(key, parts)));
  const seen: ListedStore[] = [];
  await inParallel([...(await listedFleet(parts))], {
    width: parts.storesAtOnce,
    mayStart: () => true,
    run: async (listed) => {
      const store = await seenNow(listed, parts).catch((error: unknown) => {
        if (failureOf(listed, error).did === "gone") return undefined;
        // What it is tried with may still be read.
        return listed;
      });
      if (store !== undefined) seen.push(store);
    },
  });
  return seen;
}

function resultOf(swept: readonly Swept[]): CheckResult {
  const byName = (one: CheckedStore, other: CheckedStore) => (one.store < other.store ? -1 : 1);
  return { stores: swept.map(checkedStoreOf).sort(byName) };
}

/** A version that is not current has no condition of its own: what its trial said. */
function conditionOfPrevious(store: ListedStore, { code = "" }: Finding): Condition {
  const failing = isFailure(code) && code !== "" && !passesByItself(code) ? "failing" : "ok";
  const state = code === "token_dead" ? "dead" : failing;
  return { state, code, needsPerson: state !== "ok", ...adviceFor(store, { state, code }) };
}

/** What became of asking Shopify; undefined: there was nothing to ask with. */
function answerIn({ did, code, why }: Finding): CheckedStore["answer"] {
  if (did === "checked" || did === "failed") return code === "" ? "works" : code;
  return why;
}

function checkedStoreOf({ store, finding, condition: { state, code } }: Swept): CheckedStore {
  const answer = answerIn(finding);
  const { expiry, scopes, missingScopes, versionId, appSecretVersion } = finding;
  return {
    store: labelOf(store),
    kind: store.declaration?.kind,
    state,
    code: finding.why ?? code,
    ...(answer === undefined ? {} : { answer }),
    ...(versionId === undefined ? {} : { versionId }),
    ...(typeof expiry === "number" ? { expiresAt: isoOf(expiry) } : {}),
    ...(scopes === undefined ? {} : { scope: encodeScopes(scopes) }),
    ...(missingScopes === undefined || missingScopes.length === 0 ? {} : { missingScopes }),
    ...(appSecretVersion === undefined ? {} : { appSecretVersion }),
  };
}
