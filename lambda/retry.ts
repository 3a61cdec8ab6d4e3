import { type Deadline, fits } from "./deadline";

/** Which failures are worth another try, and when. */
export interface RetryPolicy {
  /** The wait before the next try, in milliseconds; undefined: there is none. `tries` counts those that failed. */
  waitMs(failure: unknown, tries: number): number | undefined;
  /** The time that has to be left after the wait. Default: 0. */
  readonly restMs?: number;
  /** Told of a failure that is followed by another try. */
  onRetry?(failure: unknown): void;
}

/**
 * Tries until it works, until the policy gives up, or until the time is over.
 *
 * @throws the last failure
 */
export async function retry<T>(
  run: (tries: number) => Promise<T>,
  policy: RetryPolicy,
  deadline: Deadline,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await run(tries);
    } catch (failure) {
      const waitMs = policy.waitMs(failure, tries);
      const { restMs = 0 } = policy;
      if (waitMs === undefined || !fits(deadline, waitMs + restMs)) throw failure;
      policy.onRetry?.(failure);
      await deadline.pause(waitMs);
    }
  }
}

/** How often, and how long apart, a read is repeated that eventual consistency may have missed. */
const REREAD_WAITS_MS = [100, 300, 900];

/** Reads until something is found, a few times within about a second; answers the last thing that was read. */
export async function rereadUntil<T>(
  read: () => Promise<T>,
  isFound: (value: T) => boolean,
  { deadline }: { readonly deadline: Deadline },
): Promise<T> {
  let value = await read();
  for (const waitMs of REREAD_WAITS_MS) {
    if (isFound(value) || !fits(deadline, waitMs)) break;
    await deadline.pause(waitMs);
    value = await read();
  }
  return value;
}
