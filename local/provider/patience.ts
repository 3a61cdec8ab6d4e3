import { createHash, randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

/** How long the stand-in waits for AWS to agree, and how it shuffles the order of creation. */
export interface Patience {
  /** Tries again while `mayRetry` says so; after `patienceMs` the last error stands. */
  retry<T>(attempt: () => Promise<T>, mayRetry: (error: unknown) => boolean): Promise<T>;
  /** A delay that depends on the seed and the URN only, so that a run can be repeated. */
  shuffle(urn: string): Promise<void>;
  readonly seed: number;
}

export interface PatienceOptions {
  readonly patienceMs: number;
  readonly firstPauseMs: number;
  readonly maxDelayMs: number;
  readonly seed: number;
  readonly pause?: (ms: number) => Promise<unknown>;
}

const LONGEST_PAUSE_MS = 1_000;

/**
 * Reads `STAND_IN_AWS_SEED` (default random), `STAND_IN_AWS_MAX_DELAY_MS` (default 120) and
 * `STAND_IN_AWS_PATIENCE_MS` (default 15,000; the official provider waits two minutes).
 */
export function patienceFrom(environment: Record<string, string | undefined>): PatienceOptions {
  const read = (name: string, fallback: number): number => {
    const given = Number(environment[name] ?? "");
    return environment[name] && Number.isFinite(given) ? given : fallback;
  };
  return {
    seed: read("STAND_IN_AWS_SEED", randomInt(1_000_000)),
    maxDelayMs: read("STAND_IN_AWS_MAX_DELAY_MS", 120),
    patienceMs: read("STAND_IN_AWS_PATIENCE_MS", 15_000),
    firstPauseMs: 100,
  };
}

export function createPatience(options: PatienceOptions): Patience {
  const wait = options.pause ?? pause;
  return {
    seed: options.seed,
    shuffle: async (urn) => {
      await wait(delayOf(urn, options));
    },
    retry: async (attempt, mayRetry) => {
      let spentMs = 0;
      for (
        let pauseMs = options.firstPauseMs;
        ;
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      ) {
        try {
          return await attempt();
        } catch (error) {
          if (!mayRetry(error) || spentMs + pauseMs > options.patienceMs) throw error;
          await wait(pauseMs);
          spentMs += pauseMs;
        }
      }
    },
  };
}

export function delayOf(
  urn: string,
  options: Pick<PatienceOptions, "seed" | "maxDelayMs">,
): number {
  const digest = createHash("sha256").update(`${options.seed} ${urn}`).digest();
  return Math.floor((digest.readUInt32BE(0) / 2 ** 32) * options.maxDelayMs);
}

const queues = new Map<string, Promise<unknown>>();

/** Runs the calls of one key one after the other. */
export function serially<T>(key: string, call: () => Promise<T>): Promise<T> {
  const before = queues.get(key) ?? Promise.resolve();
  const after = before.then(call, call);
  queues.set(
    key,
    after.catch(() => undefined),
  );
  return after;
}
