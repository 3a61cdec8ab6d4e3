import { CodedError } from "../contract/errors";
import { SECOND_MS } from "../contract/time";

/** The time that an invocation, or a part of it, has left for work; its reserve for a clean end is behind it. */
export interface Deadline {
  /** Milliseconds left; negative when the time is over. */
  remainingMs(): number;
  /** Waits; callers ask {@link fits} first. */
  pause(milliseconds: number): Promise<void>;
}

/** What Lambda tells an invocation of its own end. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** Kept back behind every deadline: for the status, log lines and a clean, coded failure. */
export const RESERVE_MS = 2 * SECOND_MS;
/** The part of it that is left when the status was written, or could not be. */
const LAST_WORDS_MS = 500;

/**
 * Turns Lambda's context into a deadline.
 *
 * Time passes by the monotonic clock: a corrected wall clock must neither cut an invocation short nor
 * let it be killed.
 */
export function deadlineOf(context: InvocationContext, reserveMs: number = RESERVE_MS): Deadline {
  const endsAtMs = performance.now() + context.getRemainingTimeInMillis() - reserveMs;
  return {
    remainingMs: () => endsAtMs - performance.now(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/** A deadline of its own for a part of the work, at most so long from now. */
export function within(deadline: Deadline, milliseconds: number): Deadline {
  return keeping(deadline, Math.max(0, deadline.remainingMs() - milliseconds));
}

/** The same deadline, with time kept for what has to follow. */
export function keeping(deadline: Deadline, milliseconds: number): Deadline {
  return {
    remainingMs: () => deadline.remainingMs() - milliseconds,
    pause: (waitMs) => deadline.pause(waitMs),
  };
}

/** The deadline of what is written down at the end of the work, out of the reserve when there is no other time. */
export function withReserve(deadline: Deadline): Deadline {
  return keeping(deadline, LAST_WORDS_MS - RESERVE_MS);
}

/** Whether a wait of this length leaves time to do something after it. */
export function fits(deadline: Deadline, milliseconds: number): boolean {
  return milliseconds < deadline.remainingMs();
}

/** Throws `out_of_time` when no time is left for another call. */
export function requireTime(deadline: Deadline): void {
  if (deadline.remainingMs() <= 0) throw new CodedError("out_of_time");
}

/**
 * Runs a call that ends with the deadline, whatever the other side does, and whether it heeds the signal or not.
 *
 * @throws {CodedError} `out_of_time`
 */
export async function limited<T>(
  deadline: Deadline,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  requireTime(deadline);
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const isOver = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new CodedError("out_of_time"));
      abort.abort();
    }, deadline.remainingMs());
  });
  try {
    return await Promise.race([run(abort.signal), isOver]);
  } finally {
    clearTimeout(timer);
  }
}
