import {
  isTooMany,
  type NextWave,
  nextWave,
  type WaveEnd,
  type WaveRules,
} from "../../contract/waves";

/** What became of one store in a wave. */
export interface Changed {
  readonly hasFailed: boolean;
}

/** The work that is done in waves. */
export interface WaveWork<S, C extends Changed> {
  readonly rules: WaveRules;
  /**
   * Changes the stores of a wave and proves them; a store's failure is in its result. It begins no further one
   * once `mayGoOn` says no, and leaves those out.
   */
  change(wave: Wave<S>, mayGoOn: (failed: number) => boolean): Promise<readonly C[]>;
  /** Tells how a wave ended. */
  tell(wave: Wave<S>, results: readonly C[]): void;
}

export type Wave<S> = Extract<NextWave<S>, { does: "wave" }>;

/** How the waves ended. */
export interface WavesEnd<C> {
  readonly results: readonly C[];
  /** Undefined: nothing stopped them. */
  readonly stopped: Extract<NextWave<never>, { does: "stop" }> | undefined;
}

/** Drives the plan of waves to its end, or until too much fails. */
export async function runWaves<S, C extends Changed>(
  stores: readonly S[],
  work: WaveWork<S, C>,
): Promise<WavesEnd<C>> {
  const ended: WaveEnd[] = [];
  const results: C[] = [];
  let left = stores;
  for (;;) {
    const next = nextWave(left, ended, work.rules);
    if (next.does === "end") return { results, stopped: undefined };
    if (next.does === "stop") return { results, stopped: next };
    const changed = await work.change(
      next,
      (failed) => !wouldStop({ wave: next, failed, ended }, work.rules),
    );
    work.tell(next, changed);
    results.push(...changed);
    ended.push({ stores: changed.length, failed: changed.filter(hasFailed).length });
    left = left.slice(next.stores.length);
  }
}

function hasFailed(changed: Changed): boolean {
  return changed.hasFailed;
}

/** Whether so many failures within a wave stop it, counted as if all its other stores went well. */
function wouldStop(
  so: { readonly wave: Wave<unknown>; readonly failed: number; readonly ended: readonly WaveEnd[] },
  rules: WaveRules,
): boolean {
  const { wave, failed, ended } = so;
  if (wave.isCanary) return failed > 0;
  const before = ended.reduce((sum, one) => sum + one.failed, 0);
  const begun = ended.reduce((sum, one) => sum + one.stores, 0);
  return isTooMany({ failed: before + failed, of: begun + wave.stores.length }, rules);
}
