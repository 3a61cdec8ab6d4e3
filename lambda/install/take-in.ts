import { CodedError } from "../../contract/errors";
import { INSTALLED, originOf } from "../../contract/names";
import { declarationOfInstalled, type OpenApp } from "../../contract/open-installs";
import { declarationIn } from "../../contract/store/view";
import { epochMs, HOUR_MS } from "../../contract/time";
import type { AppInHand } from "../engine/app-secret";
import { createStore, type NewStore } from "../stores/create-store";
import type { InstallDeps } from "./deps";
import { mark } from "./fence";
import { asInstallable, type InstallableStore } from "./installable";
import { type Candidate, candidatesOf, type Installation, isOf, livingAmong } from "./newcomer";

/** An approval of an open app by a merchant whom nobody declared, verified. */
export interface Arrival {
  readonly installation: Installation;
  readonly openApp: OpenApp;
  readonly app: AppInHand;
  /** The approval's name in the mark on its store. */
  readonly id: string;
}

/**
 * The store of a merchant who came by himself: the one that he has, or had before he uninstalled, or a new one.
 *
 * Nothing but the secret is made here, and its name is what makes two that come at once the same; killed at any point
 * it is done again by the next approval.
 *
 * @throws {CodedError} `new_stores_closed`, `new_stores_too_many`, `store_name_taken`, `secrets_quota_spent`
 */
export async function takeIn(arrival: Arrival, deps: InstallDeps): Promise<InstallableStore> {
  const { installation } = arrival;
  const candidates = await candidatesOf(installation, deps);
  const living = livingAmong(candidates, installation);
  if (living !== undefined) return asInstallable(living, deps);
  const parked = candidates.filter(({ secret }) => isParked(secret, installation));
  if (parked.length === 0 && !(await hasRoomForOneMore(arrival, deps))) {
    // Another window of the same merchant may have made it in between.
    const made = livingAmong(await candidatesOf(installation, deps), installation);
    if (made !== undefined) return asInstallable(made, deps);
    // A door that config closed is no flood: nobody is to be told of each who finds it closed.
    if (arrival.openApp.newStoresAnHour === 0) {
      throw new CodedError("new_stores_closed", { app: installation.app });
    }
    countOne("newStoresRefused", deps);
    throw new CodedError("new_stores_too_many", { app: installation.app });
  }
  return await make(arrival, [...parked, ...candidates], deps);
}

/** Whether this installation's secret waits for its deletion: it was made here, and comes back as it was. */
function isParked(secret: Candidate["secret"], installation: Installation): boolean {
  return (
    secret?.facts.deletedAt !== undefined &&
    originOf(secret.facts) === INSTALLED &&
    isOf(installation, secret)
  );
}

async function make(
  arrival: Arrival,
  candidates: readonly Candidate[],
  deps: InstallDeps,
): Promise<InstallableStore> {
  const { open, log } = deps;
  const { installation, app, id } = arrival;
  if (open === undefined) throw new CodedError("store_not_declared");
  const { clientId } = app.credential;
  const declaration = declarationOfInstalled(installation, open);
  for (const { key } of candidates) {
    const order: NewStore = { key, declaration, origin: INSTALLED, clientId };
    const made = await createStore(order, { ...deps, ...open, find: deps.findSecret }).catch(
      unlessTaken,
    );
    if (made === undefined) continue;
    deps.found.forget();
    const facts = { store: key, shop: installation.shop, app: installation.app };
    log.info("install.taken_in", { ...facts, outcome: made.outcome });
    if (made.outcome === "created") countOne("newStores", deps);
    // In place of the mark of whoever removed it: a removal that is ordered twice would take it away again.
    if (made.outcome === "restored") await mark(made.secret, { id }, deps);
    return asInstallable(made.secret, deps);
  }
  throw new CodedError("store_name_taken", { shop: installation.shop, app: installation.app });
}

function unlessTaken(error: unknown): undefined {
  if (error instanceof CodedError && error.code === "store_name_taken") return undefined;
  throw error;
}

/**
 * Only what was verified comes here. The list may be five minutes behind: a burst may bring more than the limit by what
 * it brings in that time.
 */
async function hasRoomForOneMore({ openApp }: Arrival, deps: InstallDeps): Promise<boolean> {
  const { app, newStoresAnHour } = openApp;
  if (newStoresAnHour === 0) return false;
  const since = epochMs(deps.clock.now() - HOUR_MS);
  const newest = await deps.fleet.listArrived(since);
  const own = newest.filter(({ facts }) => declarationIn(facts)?.app === app);
  return own.length < newStoresAnHour;
}

function countOne(metric: "newStores" | "newStoresRefused", { log, prefix, clock }: InstallDeps) {
  log.metrics({ [metric]: 1 }, { prefix, at: clock.now() });
}
