import { CodedError } from "../../contract/errors";
import { SECOND_MS } from "../../contract/time";
import type { Deadline } from "../deadline";
import type { Log } from "../log";
import { type RetryPolicy, retry } from "../retry";
import type { SecretsPort } from "./port";

const WAIT_MS = 2 * SECOND_MS;
/** Time kept for the rest of the work after the last refused call. */
const REST_MS = 10 * SECOND_MS;

/** What a patient port waits by. */
export interface RetryingDeps {
  readonly deadline: Deadline;
  readonly log: Log;
  /** The log event of a refusal that is not believed yet. */
  readonly awaits: "enrolment.access_awaited" | "rotation.access_awaited";
}

/**
 * The same port, which believes a refusal only when it stays: right after their creation roles and
 * policies take seconds to be known everywhere.
 */
export function createRetryingPort(port: SecretsPort, deps: RetryingDeps): SecretsPort {
  const patiently = <T>(call: () => Promise<T>): Promise<T> =>
    retry(call, denialPolicy(isDenial, deps), deps.deadline);
  return {
    describe: (secretArn) => patiently(() => port.describe(secretArn)),
    readVersion: (secretArn, versionId) => patiently(() => port.readVersion(secretArn, versionId)),
    readStage: (secretId, stage) => patiently(() => port.readStage(secretId, stage)),
    put: (secretArn, version) => patiently(() => port.put(secretArn, version)),
    promote: (secretArn, promotion) => patiently(() => port.promote(secretArn, promotion)),
    dropStage: (secretArn, versionId, stage) =>
      patiently(() => port.dropStage(secretArn, versionId, stage)),
    tag: (secretArn, tags) => port.tag(secretArn, tags),
    under: (other) => createRetryingPort(port.under(other), { ...deps, deadline: other }),
  };
}

/** How a call is repeated that AWS denies, as long as there is time. */
export function denialPolicy(
  isDenied: (error: unknown) => boolean,
  { log, awaits }: RetryingDeps,
): RetryPolicy {
  return {
    waitMs: (failure) => (isDenied(failure) ? WAIT_MS : undefined),
    restMs: REST_MS,
    onRetry: (failure) =>
      log.info(awaits, { code: failure instanceof CodedError ? failure.code : undefined }),
  };
}

function isDenial(error: unknown): boolean {
  return (
    error instanceof CodedError && (error.code === "access_denied" || error.code === "key_denied")
  );
}
