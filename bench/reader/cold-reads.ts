import { CountingClient } from "./counting-client";
import type { Library } from "./libraries";
import { recordText, storeName } from "./records";

const STORES = 20;
const CALLERS = 1_000;

/** How many API calls 1,000 callers cost who ask at once for 20 secrets that nobody has read yet. */
export async function coldReads(library: Library): Promise<number> {
  const stores = Array.from({ length: STORES }, (_, index) => storeName(index));
  const client = new CountingClient((name) => ({ versionId: "1", text: recordText(name) }));
  const open = await library.open(client, stores);
  const callers = Array.from({ length: CALLERS }, (_, index) => stores[index % STORES] ?? "");
  const tokens = await Promise.all(callers.map((store) => open.read(store)));
  if (new Set(tokens).size !== STORES) throw new Error(`${library.name} mixed tokens up`);
  open.close();
  return client.calls;
}
