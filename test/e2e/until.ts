/** Only a standstill ends a wait, not a busy machine; it ends before the test does, to say where it stood. */
const STANDSTILL_MS = 20 * 60_000;
const POLL_MS = 10;

/** Waits until something is so. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + STANDSTILL_MS;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error("what was waited for did not come");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
