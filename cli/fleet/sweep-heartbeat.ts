import { sweepScheduleName } from "../../contract/names";
import { sweptAtOf } from "../../contract/store/view";
import { SWEEP_SILENT_AFTER_MS } from "../../contract/sweep";
import { type EpochMs, epochMs } from "../../contract/time";
import { ageText } from "../print/spans";
import type { StoreSeen } from "./store-view";

/** Whether the sweep runs, as the tags of the fleet tell. */
export interface Heartbeat {
  /** `new`: the stack is so young that the first pass may be yet to come. */
  readonly verdict: "beats" | "silent" | "new";
  /** The end of the last pass; undefined: none was noted. */
  readonly sweptAt: EpochMs | undefined;
  readonly says: string;
}

/** Reads when the sweep last passed: a schedule that was disabled or deleted shows in nothing else. */
export function heartbeatOf(fleet: readonly StoreSeen[], now: EpochMs): Heartbeat {
  const sweptAt = latest(fleet.map(sweptAtOf));
  if (sweptAt !== undefined) {
    const says = `last pass ${ageText(sweptAt, now)} ago`;
    const isSilent = now - sweptAt > SWEEP_SILENT_AFTER_MS;
    return { verdict: isSilent ? "silent" : "beats", sweptAt, says };
  }
  const isNew = fleet.every(
    ({ facts: { createdAt } }) =>
      createdAt === undefined || now - createdAt <= SWEEP_SILENT_AFTER_MS,
  );
  return { verdict: isNew ? "new" : "silent", sweptAt, says: "no pass was noted yet" };
}

/** What puts a silent sweep back; a schedule that was changed by hand is seen by a refresh only. */
export function sweepRemedy(prefix: string): string {
  const name = sweepScheduleName(prefix);
  return `aws scheduler get-schedule --name ${name}, then pulumi up --refresh --continue-on-error`;
}

function latest(times: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : epochMs(Math.max(...known));
}
