/** Where waiting comes from; a parameter like the clock, so that tests can move it. */
export interface Timers {
  /** Runs `run` once, after `milliseconds`; 0 means after the calls that are due now. Answers how to cancel it. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The timers of the machine. */
export const systemTimers: Timers = {
  after(milliseconds, run) {
    if (milliseconds <= 0) {
      const immediate = setImmediate(run);
      return () => clearImmediate(immediate);
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
