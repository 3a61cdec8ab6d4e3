import { performance } from "node:perf_hooks";
import type { Contender } from "./contenders";
import { CountingClient } from "./counting-client";
import { recordText, storeName } from "./records";

const READS = 10_000;
const ROUNDS = 31;

/** Nanoseconds of a read from memory, the median of the rounds; the libraries take turns, so that noise hits all. */
export async function cachedReads(contenders: readonly Contender[]): Promise<number[]> {
  const store = storeName(1);
  const client = new CountingClient((name) => ({ versionId: "1", text: recordText(name) }));
  const readers = await Promise.all(contenders.map((one) => one.open(client, [store])));
  const times: number[][] = readers.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, reader] of readers.entries()) {
      await reader.read(store); // an age limit may have passed: only cached reads count
      const nanoseconds = await timed(reader.read, store);
      if (round > 0) times[index]?.push(nanoseconds);
    }
  }
  for (const reader of readers) reader.close();
  return times.map(median);
}

async function timed(read: (store: string) => Promise<string>, store: string): Promise<number> {
  const startedAt = performance.now();
  for (let count = 0; count < READS; count += 1) await read(store);
  return ((performance.now() - startedAt) * 1e6) / READS;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
