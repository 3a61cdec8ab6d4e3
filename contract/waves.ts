/** How a fleet is changed in waves. */
export interface WaveRules {
  /** How many stores go first, alone: nobody else is begun until they are proved. 0: none. */
  readonly canary: number;
  /** The most stores of a wave; each wave has twice those of the one before. */
  readonly most: number;
  /** The share of stores that may fail, of all that were begun, before nothing more is: 0.05 for five of a hundred. */
  readonly failuresAllowed: number;
}

export const USUAL_WAVES: WaveRules = { canary: 3, most: 50, failuresAllowed: 0.05 };

/** How a wave ended, in numbers: all that the next one depends on. */
export interface WaveEnd {
  readonly stores: number;
  /** Those that were not changed, or whose change was not proved. */
  readonly failed: number;
}

/** What comes next. */
export type NextWave<S> =
  | {
      readonly does: "wave";
      readonly number: number;
      readonly isCanary: boolean;
      readonly stores: readonly S[];
    }
  | {
      readonly does: "stop";
      readonly why: "canary_failed" | "too_many_failures";
      readonly failed: number;
      readonly of: number;
    }
  | { readonly does: "end" };

/**
 * Decides the next wave from the stores that are left and from how the waves before ended.
 *
 * Pure, and of plain data alone: a command drives it in one process, a state machine may over days.
 */
export function nextWave<S>(
  left: readonly S[],
  ended: readonly WaveEnd[],
  rules: WaveRules,
): NextWave<S> {
  const failed = sumOf(ended.map((wave) => wave.failed));
  const of = sumOf(ended.map((wave) => wave.stores));
  const [first] = ended;
  if (first !== undefined && rules.canary > 0 && first.failed > 0) {
    return { does: "stop", why: "canary_failed", failed, of };
  }
  if (isTooMany({ failed, of }, rules))
    return { does: "stop", why: "too_many_failures", failed, of };
  if (left.length === 0) return { does: "end" };
  const number = ended.length + 1;
  const isCanary = number === 1 && rules.canary > 0;
  return { does: "wave", number, isCanary, stores: left.slice(0, sizeOf(number, rules)) };
}

/** Whether so many failures, of so many stores that were or are to be begun, stop everything. */
export function isTooMany(
  { failed, of }: { readonly failed: number; readonly of: number },
  { failuresAllowed }: WaveRules,
): boolean {
  return failed > 0 && failed > of * failuresAllowed;
}

/** How many stores each wave has when nothing fails. */
export function waveSizes(stores: number, rules: WaveRules): number[] {
  const sizes: number[] = [];
  for (let left = stores; left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push(Math.min(left, sizeOf(sizes.length + 1, rules)));
  }
  return sizes;
}

function sizeOf(number: number, { canary, most }: WaveRules): number {
  const first = canary > 0 ? canary : USUAL_WAVES.canary;
  // Beyond that the power is no size of any fleet.
  const doublings = Math.min(number - 1, 20);
  return Math.max(1, Math.min(most, first * 2 ** doublings));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
