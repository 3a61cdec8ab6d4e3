import { CodedError } from "../contract/errors";

/** The time that an invocation has left for work, its reserve for a clean end already taken off. */
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

/** Kept back for log lines, the status and a clean, coded failure. */
export const RESERVE_MS = 1_500;

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

/** Whether a wait of this length leaves time to do something after it. */
export function fits(deadline: Deadline, milliseconds: number): boolean {
  return milliseconds < deadline.remainingMs();
}

/** Throws `out_of_time` when no time is left for another call. */
export function requireTime(deadline: Deadline): void {
  if (deadline.remainingMs() <= 0) throw new CodedError("out_of_time");
}
