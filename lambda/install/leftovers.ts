import type { SecretArn } from "../../contract/brands";
import { adviceRow, CodedError } from "../../contract/errors";
import { KINDS } from "../../contract/kinds";
import {
  hasNoValue,
  isLeftover,
  LEFTOVER_MARK,
  type LeftoverOrder,
} from "../../contract/leftovers";
import { requireOwnSecret, storeOf } from "../engine/store";
import { fieldsOfError } from "../log";
import type { InstallDeps } from "./deps";
import { isHeld, requireAlone, takeMarkAway } from "./fence";

/**
 * Removes, with the recovery window, the secrets of merchants who came by themselves and never came to the end: the sweep
 * finds them in its list, and the function that made them has the right to remove them.
 *
 * Killed at any point it is done again by the next pass. Who comes back has the secret restored.
 */
export async function removeLeftovers(
  { secrets }: LeftoverOrder,
  deps: InstallDeps,
): Promise<void> {
  await Promise.all(secrets.map((secretArn) => removeQuietly(secretArn, deps)));
}

async function removeQuietly(secretArn: SecretArn, deps: InstallDeps): Promise<void> {
  const log = deps.log.with({ secret_arn: secretArn });
  try {
    if (await removeIfLeft(secretArn, deps)) log.info("install.leftover_removed");
  } catch (error) {
    const isGone = error instanceof CodedError && adviceRow(error.code).attempt === "gone";
    if (!isGone) log.warn("install.leftover_stays", fieldsOfError(error));
  }
}

/** The list that named it may be minutes old, so that all is looked at again; with the mark on it nobody begins to install. */
async function removeIfLeft(secretArn: SecretArn, deps: InstallDeps): Promise<boolean> {
  const { prefix, open, clock } = deps;
  if (open === undefined) return false;
  requireOwnSecret(prefix, secretArn);
  const facts = await deps.secrets.describe(secretArn);
  const now = clock.now();
  // A mark of its own is of an order before this one, whose secret its merchant may just have brought back.
  if (!isLeftover(facts, now) || isHeld(facts, now)) return false;
  const given = storeOf(secretArn, facts, { prefix, allowed: KINDS });
  const { store, isMarked } = await requireAlone({ store: given, id: LEFTOVER_MARK }, deps);
  // Where the operator's own tags leave no room for a mark, an approval could be under way.
  if (!isMarked) return false;
  // A version without a label is not in the facts.
  const isEmpty = hasNoValue(store.facts) && (await deps.listVersions(secretArn)).length === 0;
  if (!isEmpty) {
    await takeMarkAway(store, deps);
    return false;
  }
  await deps.maker.remove(secretArn, open.recoveryWindowDays);
  deps.found.forget();
  return true;
}
