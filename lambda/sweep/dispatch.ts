import type { StoreKey } from "../../contract/brands";
import { CodedError, passesByItself } from "../../contract/errors";
import { testNotice } from "../../contract/notice";
import { encodeScopes } from "../../contract/scopes";
import { adviceFor } from "../../contract/store/advice";
import { type Condition, isFailure } from "../../contract/store/condition";
import { labelOf, type StoreView } from "../../contract/store/view";
import type {
  AddressResult,
  CheckedStore,
  CheckResult,
  MigrateResult,
  NotifyResult,
  ProveResult,
  SweepRequest,
  SweepResult,
} from "../../contract/sweep";
import { isoOf } from "../../contract/time";
import { depsFor, type SweepDeps } from "./deps";
import { inParallel } from "./in-parallel";
import { migrate } from "./migrate";
import type { StoreOutcome } from "./outcome";
import { proveKey } from "./prove-key";
import { createRateLimitedPort } from "./rate-limited-port";
import { report } from "./report";
import { listedFleet, namedStore, seenNow } from "./seen-now";
import type { Swept } from "./summary";
import { sweep } from "./sweep";
import { tellPeople } from "./tell";
import { checkNow, checkPrevious, failureOf, workOn } from "./work";

/** What the sweep function answers. */
export type SweepAnswer =
  | SweepResult
  | CheckResult
  | ProveResult
  | MigrateResult
  | AddressResult
  | NotifyResult;

/** Does what the sweep function was asked for. */
export async function dispatch(request: SweepRequest, deps: SweepDeps): Promise<SweepAnswer> {
  switch (request.action) {
    case "sweep":
      return await sweep(deps);
    case "check":
      return await check(request, deps);
    case "renew":
      return await renewStores(request.stores, deps);
    case "migrate":
      return await migrateStore(request.store, deps);
    case "prove":
      return await proveKey(request, deps);
    case "address":
      return { address: (await deps.findOwnAddress()) ?? null };
    case "notify":
      if (!deps.hasTopic) return { outcome: "no_topic" };
      await deps.publish(testNotice(deps.prefix, request.word), deps.deadline);
      return { outcome: "handed_over" };
    default:
      return request satisfies never;
  }
}

async function migrateStore(key: StoreKey, deps: SweepDeps): Promise<MigrateResult> {
  const secrets = createRateLimitedPort(deps.secrets, deps.deadline);
  const store = await namedStore(key, deps);
  return await migrate({ ...store, key }, { ...deps, secrets });
}

/** Tries the access tokens of these stores, or of all; of the current ones the status is written as by a sweep. */
async function check(
  { stores: keys, stage }: Extract<SweepRequest, { action: "check" }>,
  deps: SweepDeps,
): Promise<CheckResult> {
  if (stage !== "AWSCURRENT") {
    return resultOf(await eachOf(keys, deps, lookAtPrevious));
  }
  return await reportEach(keys, deps, checkNow);
}

async function lookAtPrevious(store: StoreView, deps: SweepDeps): Promise<Swept> {
  const outcome = await checkPrevious(store, deps);
  return { store, outcome, condition: conditionOfPrevious(store, outcome), came: "through" };
}

/** Renews these stores' tokens now, whatever their age; each gets an answer of its own. */
async function renewStores(keys: readonly StoreKey[], given: SweepDeps): Promise<CheckResult> {
  const deps = { ...given, secrets: createRateLimitedPort(given.secrets, given.deadline) };
  return await reportEach(keys, deps, (store, own) => workOn(store, { action: "renew" }, own));
}

/** Works on each store as a sweep does, and tells people as a sweep does. */
async function reportEach(
  keys: readonly StoreKey[],
  deps: SweepDeps,
  work: (store: StoreView, own: SweepDeps) => Promise<StoreOutcome>,
): Promise<CheckResult> {
  const swept = await eachOf(keys, deps, async (store, own) =>
    report(store, await work(store, own), own),
  );
  await tellPeople(swept, deps);
  return resultOf(swept);
}

async function eachOf(
  keys: readonly StoreKey[],
  deps: SweepDeps,
  act: (store: StoreView, own: SweepDeps) => Promise<Swept>,
): Promise<readonly Swept[]> {
  const stores = await storesOf(keys, deps);
  const swept: Swept[] = [];
  const left = await inParallel(stores, {
    width: deps.storesAtOnce,
    mayStart: () => deps.deadline.remainingMs() > 0,
    run: async (store) => void swept.push(await act(store, depsFor(store, deps))),
  });
  if (left.length > 0) throw new CodedError("out_of_time");
  return swept;
}

/** The named stores, or all that are listed, as they are now; one that is gone is none. */
async function storesOf(keys: readonly StoreKey[], deps: SweepDeps): Promise<StoreView[]> {
  if (keys.length > 0) return await Promise.all(keys.map((key) => namedStore(key, deps)));
  const seen: StoreView[] = [];
  await inParallel([...(await listedFleet(deps))], {
    width: deps.storesAtOnce,
    mayStart: () => true,
    run: async (listed) => {
      const store = await seenNow(listed, deps).catch((error: unknown) => {
        if (failureOf(listed, error).action === "gone") return undefined;
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

/** A version that is not current has no condition of its own: what its check said. */
function conditionOfPrevious(store: StoreView, { code = "" }: StoreOutcome): Condition {
  const failing = isFailure(code) && code !== "" && !passesByItself(code) ? "failing" : "ok";
  const state = code === "token_dead" ? "dead" : failing;
  return { state, code, needsPerson: state !== "ok", ...adviceFor(store, { state, code }) };
}

/** What became of asking Shopify; undefined: there was nothing to ask with. */
function answerIn({ action, code, why }: StoreOutcome): CheckedStore["answer"] {
  if (action === "checked" || action === "failed") return code === "" ? "works" : code;
  return why;
}

function checkedStoreOf({ store, outcome, condition: { state, code } }: Swept): CheckedStore {
  const answer = answerIn(outcome);
  const { expiry, scopes, missingScopes, versionId, appSecretVersion } = outcome;
  return {
    store: labelOf(store),
    kind: store.declaration?.kind,
    state,
    code: outcome.why ?? code,
    ...(answer === undefined ? {} : { answer }),
    ...(versionId === undefined ? {} : { versionId }),
    ...(typeof expiry === "number" ? { expiresAt: isoOf(expiry) } : {}),
    ...(scopes === undefined ? {} : { scope: encodeScopes(scopes) }),
    ...(missingScopes === undefined || missingScopes.length === 0 ? {} : { missingScopes }),
    ...(appSecretVersion === undefined ? {} : { appSecretVersion }),
  };
}
