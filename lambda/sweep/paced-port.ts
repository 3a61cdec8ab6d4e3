import { SECOND_MS } from "../../contract/time";
import type { Deadline } from "../deadline";
import type { SecretsPort } from "../secrets/port";

/**
 * How many versions and labels are written a second: half of what Secrets Manager allows the whole
 * account (50 calls of PutSecretValue, UpdateSecret and UpdateSecretVersionStage together, not
 * adjustable), so that rotations have room beside a sweep.
 */
export const WRITES_A_SECOND = 25;

/** Waits until it is the next write's turn. */
type TakeTurn = (deadline: Deadline) => Promise<void>;

/** The same port, whose writes wait for their turn; every port that is made of it waits in the same queue. */
export function createPacedPort(
  port: SecretsPort,
  deadline: Deadline,
  writesASecond: number = WRITES_A_SECOND,
): SecretsPort {
  return pacedBy(createTurns(deadline, writesASecond), port, deadline);
}

/** `clock`: the time that is left runs down evenly, whatever the wall clock does. */
function createTurns(clock: Deadline, writesASecond: number): TakeTurn {
  const spacingMs = SECOND_MS / writesASecond;
  let nextFreeAt = Number.NEGATIVE_INFINITY;
  return async (deadline) => {
    const now = -clock.remainingMs();
    const startsAt = Math.max(now, nextFreeAt);
    nextFreeAt = startsAt + spacingMs;
    if (startsAt > now) await deadline.pause(startsAt - now);
  };
}

function pacedBy(takeTurn: TakeTurn, port: SecretsPort, deadline: Deadline): SecretsPort {
  return {
    ...port,
    put: async (secretArn, version) => {
      await takeTurn(deadline);
      return await port.put(secretArn, version);
    },
    promote: async (secretArn, promotion) => {
      await takeTurn(deadline);
      return await port.promote(secretArn, promotion);
    },
    dropStage: async (secretArn, versionId, stage) => {
      await takeTurn(deadline);
      await port.dropStage(secretArn, versionId, stage);
    },
    under: (other) => pacedBy(takeTurn, port.under(other), other),
  };
}
