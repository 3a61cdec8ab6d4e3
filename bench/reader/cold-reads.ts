import type { Contender } from "./contenders";
import { CountingClient } from "./counting-client";
import { recordText, storeName } from "./records";

const STORES = 20;
const CALLERS = 1_000;

/** How many API calls 1,000 callers cost who ask at once for 20 secrets that nobody has read yet. */
export async function coldReads(contenders: readonly Contender[]): Promise<number[]> {
  const stores = Array.from({ length: STORES }, (_, index) => storeName(index));
  const counts: number[] = [];
  for (const contender of contenders) {
    const client = new CountingClient((name) => ({ versionId: "1", text: recordText(name) }));
    const reader = await contender.open(client, stores);
    const callers = Array.from({ length: CALLERS }, (_, index) => stores[index % STORES] ?? "");
    const tokens = await Promise.all(callers.map((store) => reader.read(store)));
    if (new Set(tokens).size !== STORES) throw new Error(`${contender.name} mixed tokens up`);
    reader.close();
    counts.push(client.calls);
  }
  return counts;
}
