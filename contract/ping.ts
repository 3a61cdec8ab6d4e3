import type { FunctionRole } from "./names";

/**
 * The call that does nothing: a function that nobody calls for two weeks falls asleep (Lambda developer guide,
 * "Lambda function states"), and its next caller, a deployment or a merchant, would be refused.
 */
export const PING = { action: "ping" } as const;

/** The functions that may not be called for weeks; the others are called by schedules. */
export const SELDOM_CALLED = ["enrol", "install"] as const satisfies readonly FunctionRole[];

/** Whether a function was called to be kept awake, and for nothing else. */
export function isPing(event: unknown): boolean {
  return (event as { readonly action?: unknown } | null | undefined)?.action === PING.action;
}
