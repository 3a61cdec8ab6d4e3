import { CodedError } from "../../contract/errors";
import type { Deadline } from "../deadline";
import { fieldsOfError, type Log } from "../log";
import { retry } from "../retry";

const FIRST_WAIT_MS = 250;
/** Time kept for an answer after the last try. */
const REST_MS = 500;

/**
 * Tries until it works or the time is over: for what must not be lost because AWS is out of breath.
 *
 * @throws the last failure
 */
export async function retryInstall<T>(
  run: () => Promise<T>,
  { deadline, log }: { readonly deadline: Deadline; readonly log: Log },
): Promise<T> {
  const waitMs = (failure: unknown, tries: number) =>
    failure instanceof CodedError && failure.retryable
      ? FIRST_WAIT_MS * 2 ** (tries - 1)
      : undefined;
  const onRetry = (failure: unknown) => log.warn("install.tried_again", fieldsOfError(failure));
  return await retry(run, { waitMs, restMs: REST_MS, onRetry }, deadline);
}
