import { createHash } from "node:crypto";
import { closesAt, parseSchedule } from "./schedule";
import type { Rotation, RotationWindow, Secret, Surroundings } from "./state";

/** The window after the one that `anchor` lies in or begins; undefined without a schedule. */
export function nextWindow(
  secret: Secret,
  anchor: number,
  { switches }: Surroundings,
): RotationWindow | undefined {
  const schedule = secret.rotation?.rules && parseSchedule(secret.rotation.rules);
  const opensAt = schedule?.opensAfter(anchor);
  if (schedule === undefined || opensAt === undefined) return undefined;
  const window = { opensAt, closesAt: closesAt(schedule, opensAt) };
  const lastSecond = Math.floor((window.closesAt - opensAt) / 1_000) - 1;
  const second = {
    earliest: () => 0,
    latest: () => lastSecond,
    spread: () => spreadOver(lastSecond, `${secret.arn} ${opensAt}`),
  }[switches.windowPoint]();
  return { ...window, fireAt: opensAt + second * 1_000 };
}

/** With AutomaticallyAfterDays a value put by hand counts as a rotation: AWS's API text of RotationRulesType. */
export function afterManualValue(secret: Secret, around: Surroundings): Secret {
  const { rotation } = secret;
  if (!rotation?.enabled || rotation.rules?.AutomaticallyAfterDays === undefined) return secret;
  if (rotation.attempt !== undefined) return secret;
  return withRotation(secret, { ...rotation, window: nextWindow(secret, around.now, around) });
}

export const withRotation = (secret: Secret, rotation: Rotation): Secret => ({
  ...secret,
  rotation,
});

/** A second from 0 to `last`, fixed by the seed: the same run fires at the same moments. */
function spreadOver(last: number, seed: string): number {
  const number = createHash("sha256").update(seed).digest().readUInt32BE(0);
  return Math.floor((number / 2 ** 32) * (last + 1));
}
