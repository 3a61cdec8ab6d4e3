import { fork } from "node:child_process";
import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CountingClient } from "./counting-client";
import { LIBRARIES, type Library } from "./libraries";
import { recordText, storeName } from "./records";

/** The heap that each library holds once it has read so many stores, in bytes; each is measured in a process of its own. */
export async function memoryForStores(count: number): Promise<number[]> {
  const results: number[] = [];
  for (const { name } of LIBRARIES) {
    const child = fork(__filename, [name, String(count)]);
    const [bytes] = (await once(child, "message")) as [number];
    results.push(bytes);
    if (child.exitCode === null) await once(child, "exit");
  }
  return results;
}

async function heapHeldBy(library: Library, count: number): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // A first, small round loads and compiles what every later one shares.
  const small = await filled(library, 200);
  const before = await heapAfter(collect);
  const large = await filled(library, count);
  const held = (await heapAfter(collect)) - before;
  small.close();
  large.close();
  return held;
}

async function filled(library: Library, count: number) {
  const stores = Array.from({ length: count }, (_, index) => storeName(index));
  const client = new CountingClient((name) => ({ versionId: name, text: recordText(name) }));
  const reader = await library.open(client, stores);
  await reader.warm();
  if (client.calls === 0) throw new Error(`${library.name} read nothing`);
  return reader;
}

async function heapAfter(collect: () => void): Promise<number> {
  for (let round = 0; round < 6; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

async function main(name: string, count: number): Promise<void> {
  const library = LIBRARIES.find((one) => one.name === name);
  if (library === undefined) throw new Error("no such library");
  process.send?.(await heapHeldBy(library, count));
  process.disconnect();
}

if (require.main === module) {
  main(process.argv[2] ?? "", Number(process.argv[3])).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  });
}
