import type { Host } from "../host";
import { spanText } from "./spans";

/** How long something may take before a word is said, and between two words that are not on a terminal. */
const PATIENCE_MS = 2_000;
const PLAIN_PERIOD_MS = 10_000;
const TERMINAL_PERIOD_MS = 500;

/** The outputs on which something is being told already. */
const telling = new WeakSet<object>();

/**
 * Runs work, and says on standard error what is being waited for once it takes longer than two seconds:
 * one line that is rewritten on a terminal, a line every ten seconds elsewhere.
 */
export async function whileTelling<T>(
  host: Pick<Host, "err" | "clock" | "every">,
  whatFor: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const { err, clock, every } = host;
  // What goes on inside is told by whoever began.
  if (telling.has(err)) return await work();
  telling.add(err);
  const startedAt = clock.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  const stop = every(TERMINAL_PERIOD_MS, () => {
    const tookMs = clock.now() - startedAt;
    if (tookMs < PATIENCE_MS || (!err.isTerminal && clock.now() - toldAt < PLAIN_PERIOD_MS)) return;
    toldAt = clock.now();
    const line = `${whatFor()} … ${spanText(tookMs)}`;
    err.write(
      err.isTerminal ? `\r\u001b[2K${line.slice(0, (err.columns ?? 80) - 1)}` : `${line}\n`,
    );
  });
  try {
    return await work();
  } finally {
    stop();
    telling.delete(err);
    if (err.isTerminal && Number.isFinite(toldAt)) err.write("\r\u001b[2K");
  }
}
