import { setTimeout as pause } from "node:timers/promises";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** Looks until it is as hoped, or for `limitMs`; gives the last look either way. */
export async function eventually<T>(
  look: () => Promise<T>,
  isHoped: (seen: T) => boolean,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const end = Date.now() + limitMs;
  for (let waitMs = FIRST_PAUSE_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS)) {
    const seen = await look();
    if (isHoped(seen) || Date.now() + waitMs > end) return seen;
    await pause(waitMs, undefined, { signal });
  }
}

/** Does it until AWS lets it, or for `limitMs`: what was just made is not known everywhere. */
export async function untilAllowed<T>(
  act: () => Promise<T>,
  mayPass: (error: unknown) => boolean,
  limits: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const attempt = async () => {
    try {
      return { value: await act() };
    } catch (error) {
      if (!mayPass(error)) throw error;
      return { error };
    }
  };
  const last = await eventually(attempt, (seen) => "value" in seen, limits);
  if ("value" in last) return last.value as T;
  throw last.error;
}

/** The name of what AWS threw; undefined when it threw nothing. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : "unknown";
  }
}
