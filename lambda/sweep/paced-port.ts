import { SECOND_MS } from "../../contract/time";
import type { Deadline } from "../deadline";
import type { SecretsPort } from "../secrets/port";

/**
 * How many versions and labels are written a second: half of what Secrets Manager allows the whole
 * account (50 calls of PutSecretValue, UpdateSecret and UpdateSecretVersionStage together, not
 * adjustable), so that rotations have room beside a sweep.
 */
const WRITES_A_SECOND = 25;

/** The same port, whose writes wait for their turn. */
export function createPacedPort(
  port: SecretsPort,
  deadline: Deadline,
  writesASecond: number = WRITES_A_SECOND,
): SecretsPort {
  const spacingMs = SECOND_MS / writesASecond;
  // The time that is left runs down evenly, whatever the wall clock does.
  const passedMs = () => -deadline.remainingMs();
  let nextFreeAt = Number.NEGATIVE_INFINITY;
  const turn = async () => {
    const now = passedMs();
    const startsAt = Math.max(now, nextFreeAt);
    nextFreeAt = startsAt + spacingMs;
    if (startsAt > now) await deadline.pause(startsAt - now);
  };
  return {
    ...port,
    put: async (secretArn, version) => {
      await turn();
      return await port.put(secretArn, version);
    },
    promote: async (secretArn, promotion) => {
      await turn();
      return await port.promote(secretArn, promotion);
    },
    dropStage: async (secretArn, versionId, stage) => {
      await turn();
      await port.dropStage(secretArn, versionId, stage);
    },
  };
}
