import { NON_EXPIRING_ENDS_ON, nonExpiringEndOf } from "../../contract/distribution";
import { adviceFor } from "../../contract/store/advice";
import { conditionOf } from "../../contract/store/condition";
import type { StoreView } from "../../contract/store/view";
import type { EngineDeps } from "../engine/deps";
import { writeTags } from "../engine/status";
import { noteOutcome, type StoreOutcome, tagsToWrite } from "./outcome";
import type { Swept } from "./summary";

/** Writes the status of a store where it changed. */
export async function report(
  listed: StoreView,
  outcome: StoreOutcome,
  deps: EngineDeps,
): Promise<Swept> {
  const now = deps.clock.now();
  const told = noteOutcome(outcome.seen ?? listed, outcome, now);
  const condition = conditionOf(told.view, now);
  const swept: Swept = { store: told.view, outcome, condition, came: "through" };
  if (outcome.action === "gone") return swept;
  sayWhatWasFound(swept, deps);
  const tags = tagsToWrite(told, condition.state);
  if (Object.keys(tags).length > 0) await writeTags(listed.secretArn, tags, deps);
  return swept;
}

function sayWhatWasFound(
  { store, outcome, condition: { state } }: Swept,
  { log }: Pick<EngineDeps, "log">,
): void {
  const { action, code, missingScopes, isNonExpiring, failure } = outcome;
  if (action === "failed" || code === "token_dead") {
    log.error("sweep.store", { did: action, state, ...failure, code });
  } else if (code !== undefined && code !== "") {
    log.warn("sweep.store", { did: action, code, state, missing_scopes: missingScopes?.join(",") });
  }
  const endsAt = nonExpiringEndOf(store.declaration?.distribution);
  if (isNonExpiring === true && endsAt !== undefined) {
    log.warn("sweep.non_expiring_token", {
      ends_for_public_apps_at: NON_EXPIRING_ENDS_ON,
      next: adviceFor(store, { state, code: "non_expiring_ending" }).next,
    });
  }
}
