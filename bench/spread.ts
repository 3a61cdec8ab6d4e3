/** What many measurements of one thing came to. */
export interface Spread {
  readonly median: number;
  /** The quartiles: half of all measurements lie between them. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

/** A spread as a cell: the median, and the quartiles behind it. */
export function cellOf({ median, low, high }: Spread, show: (value: number) => string): string {
  return `${show(median)} (${show(low)}–${show(high)})`;
}
