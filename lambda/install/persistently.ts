import { CodedError } from "../../contract/errors";
import { type Deadline, fits } from "../deadline";
import { fieldsOfError, type Log } from "../log";

const FIRST_WAIT_MS = 250;
/** Time kept for an answer after the last try. */
const REST_MS = 500;

/**
 * Tries until it works or the time is over: for what must not be lost because AWS is out of breath.
 *
 * @throws the last failure
 */
export async function persistently<T>(
  run: () => Promise<T>,
  parts: { readonly deadline: Deadline; readonly log: Log },
): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      return await run();
    } catch (error) {
      const isWorthIt = error instanceof CodedError && error.retryable;
      if (!isWorthIt || !fits(parts.deadline, waitMs + REST_MS)) throw error;
      parts.log.warn("install.tried_again", fieldsOfError(error));
      await parts.deadline.pause(waitMs);
    }
  }
}
