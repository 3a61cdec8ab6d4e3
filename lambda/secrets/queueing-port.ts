import { CodedError } from "../../contract/errors";
import { SECOND_MS } from "../../contract/time";
import type { Deadline } from "../deadline";
import { retry } from "../retry";
import type { SecretsPort } from "./port";

/** What a queueing port waits by. */
export interface QueueingDeps {
  readonly deadline: Deadline;
  /** A number from 0 up to 1, for jitter. */
  random(): number;
}

/** The wait for the next try, behind those of the SDK: as long as two hundred others take with their writes. */
const LEAST_MS = 2 * SECOND_MS;
const MOST_MS = 6 * SECOND_MS;
/** Time kept for a clean end after the last refused call. */
const REST_MS = 4 * SECOND_MS;

/**
 * The same port, which waits where AWS throttles its writes: a thousand rotations that fall into one minute share
 * 50 writes a second, and one that gives up after the SDK's few seconds begins anew minutes later.
 */
export function createQueueingPort(port: SecretsPort, deps: QueueingDeps): SecretsPort {
  const { deadline, random } = deps;
  const waitMs = (failure: unknown) =>
    isThrottled(failure) ? LEAST_MS + random() * (MOST_MS - LEAST_MS) : undefined;
  const inTurn = <T>(write: () => Promise<T>): Promise<T> =>
    retry(write, { waitMs, restMs: REST_MS }, deadline);
  return {
    ...port,
    put: (secretArn, version) => inTurn(() => port.put(secretArn, version)),
    promote: (secretArn, promotion) => inTurn(() => port.promote(secretArn, promotion)),
    under: (other) => createQueueingPort(port.under(other), { ...deps, deadline: other }),
  };
}

function isThrottled(failure: unknown): boolean {
  return (
    failure instanceof CodedError &&
    /Throttl|TooManyRequests|RequestLimit/.test(failure.facts.awsError ?? "")
  );
}
