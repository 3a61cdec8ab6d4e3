/** How a queue is worked off. */
export interface Lanes<T> {
  /** How many items are worked on at the same time. */
  readonly width: number;
  /** Asked before each item; false: nothing more is begun. */
  readonly mayStart: () => boolean;
  readonly run: (item: T) => Promise<void>;
}

/** Works a queue off in order, several items at a time; returns the items that were not begun. */
export async function inParallel<T>(queue: readonly T[], lanes: Lanes<T>): Promise<readonly T[]> {
  let next = 0;
  const lane = async () => {
    while (next < queue.length && lanes.mayStart()) {
      const item = queue[next] as T;
      next += 1;
      await lanes.run(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes.width, queue.length) }, lane));
  return queue.slice(next);
}
