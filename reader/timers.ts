import * as timers from "node:timers";

// Kept as they are when the reader is loaded: a test that fakes timers later means its own, and what is due now is
// no waiting. What waits for time itself uses the timers of the moment, as the clock does.
const { setImmediate: soon, clearImmediate: notSoon } = timers;

/** Where waiting comes from; a parameter like the clock, so that tests can move it. */
export interface Timers {
  /** Runs `run` once, after `milliseconds`; 0 means after the calls that are due now. Answers how to cancel it. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The timers of the machine. */
export const systemTimers: Timers = {
  after(milliseconds, run) {
    if (milliseconds <= 0) {
      const immediate = soon(run);
      return () => notSoon(immediate);
    }
    const timeout = setTimeout(run, milliseconds);
    return () => clearTimeout(timeout);
  },
};

/** Pauses that all end when they are closed. */
export interface Pauses {
  /** Waits so many milliseconds; rejects when the pauses are closed meanwhile. */
  pause(milliseconds: number): Promise<void>;
  close(): void;
}

export function createPauses(timers: Timers, closedError: () => Error): Pauses {
  const endings = new Set<() => void>();
  return {
    pause(milliseconds) {
      return new Promise((resolve, reject) => {
        const cancel = timers.after(milliseconds, () => {
          endings.delete(end);
          resolve();
        });
        const end = () => {
          cancel();
          reject(closedError());
        };
        endings.add(end);
      });
    },
    close() {
      for (const end of endings) end();
      endings.clear();
    },
  };
}
