import { conditionOf } from "../../contract/store/condition";
import type { EpochMs } from "../../contract/time";
import type { Call } from "../command";
import { type Cause, causeOf } from "../fail-on";
import { type ComparedFleet, pickCompared } from "./declared";
import { keysOfApps } from "./signing-keys";
import type { Row, Shown } from "./status-json";
import { heartbeatOf } from "./sweep-heartbeat";

/** What `status` shows of a fleet: the named stores or all, the most urgent first. */
export async function shownOf(fleet: ComparedFleet, call: Call): Promise<Shown> {
  const now = call.now();
  const heartbeat = heartbeatOf(fleet.stores, now);
  const { stores, deleted, missing } = pickCompared(fleet, call.words);
  const rows = stores
    .map((store) => ({ seen: store, condition: conditionOf(store, now) }))
    .sort((one, other) => urgencyOf(one, now) - urgencyOf(other, now));
  const appKeys = call.flag("names") ? [] : await keysOfApps(call, stores);
  return { rows, deleted, missing, heartbeat, now, appKeys };
}

/** Everything that a pipeline may be stopped by. */
export function causesOf({ rows, deleted, missing, heartbeat }: Shown): Cause[] {
  const causes: Cause[] = rows.flatMap(({ seen, condition }) => {
    const { state, needsPerson } = condition;
    return causeOf({ state, needsPerson, hasValue: seen.current !== undefined }) ?? [];
  });
  if (heartbeat.verdict === "silent") causes.push("silent");
  if (deleted.length > 0) causes.push("deleted");
  if (missing.length > 0) causes.push("missing");
  return causes;
}

const STATE_RANK = {
  dead: 0,
  uninstalled: 1,
  failing: 2,
  ok: 4,
  awaiting_token: 5,
  awaiting_merchant: 5,
} as const;

/** A rank of its own for each state, and within it the time that is left. */
const RANK_WIDTH = 1e15;

function urgencyOf(row: Row, now: EpochMs): number {
  const rank = rankOf(row);
  const { expiresAt } = row.seen.status;
  const left = typeof expiresAt === "number" ? expiresAt - now : RANK_WIDTH / 2;
  return rank * RANK_WIDTH + left;
}

function rankOf({ seen, condition: { state, needsPerson } }: Row): number {
  if (state === "ok" && needsPerson) return 3;
  // It lost an approval on its way: the token that it has will not be renewed.
  const loses = state === "awaiting_merchant" && seen.current !== undefined;
  return loses ? STATE_RANK.failing : STATE_RANK[state];
}
