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
