import { SWEEP_WRITES_A_SECOND } from "../../contract/capacity";
import { SECOND_MS } from "../../contract/time";
import type { Deadline } from "../deadline";
import { aroundWrites } from "../secrets/around-writes";
import type { SecretsPort } from "../secrets/port";

/**
 * How many times a second a status is written: half of what TagResource and UntagResource are allowed together
 * (50, not adjustable), which is a quota of their own.
 */
const TAGS_A_SECOND = 25;

/** How many times a second is written: values and labels, and tags, each with a quota of its own. */
export interface Pace {
  readonly writes: number;
  readonly tags: number;
}

/** What a sweep takes that does all itself. */
const ITS_SHARE: Pace = { writes: SWEEP_WRITES_A_SECOND, tags: TAGS_A_SECOND };

/** Waits until it is the next write's turn. */
type TakeTurn = (deadline: Deadline) => Promise<void>;

/** The same port, whose writes wait for their turn; every port that is made of it waits in the same queue. */
export function createRateLimitedPort(
  port: SecretsPort,
  deadline: Deadline,
  pace: Pace = ITS_SHARE,
): SecretsPort {
  const turns = {
    write: createTurns(deadline, pace.writes),
    tag: createTurns(deadline, pace.tags),
  };
  return limitedBy(turns, port, deadline);
}

/** The quotas that are paced apart. */
interface Turns {
  readonly write: TakeTurn;
  readonly tag: TakeTurn;
}

/** `clock`: the time that is left runs down evenly, whatever the wall clock does. */
function createTurns(clock: Deadline, timesASecond: number): TakeTurn {
  const spacingMs = SECOND_MS / timesASecond;
  let nextFreeAt = Number.NEGATIVE_INFINITY;
  return async (deadline) => {
    const now = -clock.remainingMs();
    const startsAt = Math.max(now, nextFreeAt);
    nextFreeAt = startsAt + spacingMs;
    if (startsAt > now) await deadline.pause(startsAt - now);
  };
}

function limitedBy(turns: Turns, port: SecretsPort, deadline: Deadline): SecretsPort {
  const paced = aroundWrites(port, async (write) => {
    await turns.write(deadline);
    return await write();
  });
  return {
    ...paced,
    tag: async (secretArn, tags) => {
      await turns.tag(deadline);
      await port.tag(secretArn, tags);
    },
    under: (other) => limitedBy(turns, port.under(other), other),
  };
}
