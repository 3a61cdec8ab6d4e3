/**
 * The call that does nothing: a function that nobody calls for two weeks falls asleep (Lambda developer guide,
 * "Lambda function states"), and its next caller, a deployment or a merchant, would be refused.
 */
export const PING = { action: "ping" } as const;

/** Whether a function was called to be kept awake, and for nothing else. */
export function isPing(event: unknown): boolean {
  return (event as { readonly action?: unknown } | null | undefined)?.action === PING.action;
}
