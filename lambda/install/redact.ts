import { adviceRow, CodedError, type ErrorCode } from "../../contract/errors";
import { INSTALLED, originOf } from "../../contract/names";
import { conditionOf } from "../../contract/store/condition";
import { holderOf } from "../../contract/store/secret-facts";
import { storeViewOf } from "../../contract/store/view";
import type { Store } from "../engine/store";
import type { InstallDeps } from "./deps";
import { requireAlone, takeMarkAway } from "./fence";
import { type Consequence, handleUninstalled } from "./topics";

/**
 * Shopify asks, 48 hours after an uninstall, that what is held of a shop be erased: the secret of a store that came by
 * itself is removed, and can be restored while its window lasts. A store of config stays: it is its operator's.
 *
 * A delivery may be old, and its merchant back: only a store whose app is known to be gone, or whose token is dead, is
 * removed, and none whose approval is under way.
 *
 * Source: Shopify's "Privacy law compliance" (`shop/redact`).
 */
export async function handleRedact(given: Store, deps: InstallDeps): Promise<Consequence> {
  if (originOf(given.facts) !== INSTALLED || deps.open === undefined) return "not_ours_to_remove";
  const verdict = isGone(given, deps) ? "marked_before" : await handleUninstalled(given, deps);
  if (verdict === "left_to_the_sweep")
    return isOver(given, deps) ? await remove(given, deps) : "again";
  // Acknowledged it would never be asked again, and whoever wants to be forgotten would not be.
  if (verdict === "inconclusive") return "again";
  return REMOVES.has(verdict) ? await remove(given, deps) : verdict;
}

const REMOVES: ReadonlySet<Consequence> = new Set(["marked_before", "marked_uninstalled"]);

function isGone(store: Store, { prefix, clock }: InstallDeps): boolean {
  return conditionOf(storeViewOf(store, prefix), clock.now()).state === "uninstalled";
}

/**
 * Whether nothing of the store lives that could be tried: it never got a token, or the sweep was refused a renewal. An
 * access token that merely ended says nothing: its refresh token may live, and the sweep be late.
 */
function isOver(store: Store, { prefix, clock }: InstallDeps): boolean {
  if (holderOf(store.facts, "AWSCURRENT") === undefined) return true;
  const { code } = conditionOf(storeViewOf(store, prefix), clock.now());
  return code !== "" && endsRefreshing(code);
}

function endsRefreshing(code: ErrorCode): boolean {
  const { tokens } = adviceRow(code);
  return tokens === "refresh_dead" || tokens === "uninstalled";
}

/** With no approval under way, and none begun while it lasts. */
async function remove(given: Store, deps: InstallDeps): Promise<Consequence> {
  const { recoveryWindowDays = 30 } = deps.open ?? {};
  const before = holderOf(given.facts, "AWSCURRENT");
  try {
    const { store } = await requireAlone({ store: given, id: "shop/redact" }, deps);
    if (holderOf(store.facts, "AWSCURRENT") !== before) {
      await takeMarkAway(store, deps);
      return "stale";
    }
    // The mark goes with it: AWS tags nothing that is to be deleted, and who restores it takes it away.
    await deps.maker.remove(store.secretArn, recoveryWindowDays);
    return "removed";
  } catch (error) {
    if (error instanceof CodedError && error.code === "approval_under_way") return "again";
    throw error;
  }
}
